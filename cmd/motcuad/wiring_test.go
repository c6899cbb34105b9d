package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"motcua/internal/config"
)

// drawnPin is a pin of the header as firmware-notes/pins.svg draws it.
type drawnPin struct{ pin, line, button string }

// drawnPins reads the pin map: every group that stands for a pin says which in
// its attributes, and its texts must say the same to people.
func drawnPins(t *testing.T) []drawnPin {
	t.Helper()
	f, err := os.Open("../../firmware-notes/pins.svg")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var pins []drawnPin
	var texts []string
	var here *drawnPin
	d := xml.NewDecoder(f)
	for {
		token, err := d.Token()
		if err == io.EOF {
			return pins
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Local != "g" {
				continue
			}
			here, texts = &drawnPin{}, nil
			for _, a := range e.Attr {
				switch a.Name.Local {
				case "data-pin":
					here.pin = a.Value
				case "data-line":
					here.line = a.Value
				case "data-button":
					here.button = a.Value
				}
			}
		case xml.CharData:
			texts = append(texts, strings.TrimSpace(string(e)))
		case xml.EndElement:
			if e.Name.Local != "g" || here == nil {
				continue
			}
			for _, want := range []string{here.pin, here.line, "button " + here.button} {
				if want != "" && want != "button " && !slices.Contains(texts, want) {
					t.Errorf("pin %s is drawn without the word %q: %q", here.pin, want, texts)
				}
			}
			pins, here = append(pins, *here), nil
		}
	}
}

// TestWiringAgrees holds to one another the example of a panel in the package,
// the table in firmware-notes, and the drawings that hang beside the Pi.
func TestWiringAgrees(t *testing.T) {
	read := func(path string) string {
		t.Helper()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	example := read("../../packaging/panel.toml")
	machine, err := config.ParseMachine([]byte(example))
	if err != nil {
		t.Fatal(err)
	}
	header := map[string]string{} // the pin of each line, as the example's remark says
	for _, m := range regexp.MustCompile(`pin = "(GPIO\d+)" +# header pin (\d+)`).FindAllStringSubmatch(example, -1) {
		header[m[1]] = m[2]
	}
	port := func(lamp string) string {
		t.Helper()
		var n int
		if _, err := fmt.Sscanf(lamp, "mcp23017:%d", &n); err != nil || n > 15 {
			t.Fatalf("lamp %s is on no expander", lamp)
		}
		return fmt.Sprintf("GP%c%d", 'A'+n/8, n%8)
	}
	var inFile, inTable []string
	var drawn []drawnPin
	for _, b := range machine.Panel.Buttons {
		inFile = append(inFile, fmt.Sprintf("| %s | %s | %s | %s |", b.Button, b.Pin, header[b.Pin], port(b.Lamp)))
		drawn = append(drawn, drawnPin{header[b.Pin], b.Pin, string(b.Button)})
	}
	if len(inFile) != 12 {
		t.Errorf("the example has %d buttons, want 12", len(inFile))
	}
	for line := range strings.Lines(read("../../firmware-notes/wiring.md")) {
		if regexp.MustCompile(`^\| \S+ \| GPIO\d+ \|`).MatchString(line) {
			inTable = append(inTable, strings.TrimSpace(line))
		}
	}
	if !slices.Equal(inFile, inTable) {
		t.Errorf("the example says\n%s\nand wiring.md\n%s", strings.Join(inFile, "\n"), strings.Join(inTable, "\n"))
	}
	pins := drawnPins(t)
	if len(pins) != 40 {
		t.Errorf("%d pins are drawn, want 40", len(pins))
	}
	buttons := slices.DeleteFunc(slices.Clone(pins), func(p drawnPin) bool { return p.button == "" })
	byButton := func(a, b drawnPin) int { return strings.Compare(a.button, b.button) }
	slices.SortFunc(buttons, byButton)
	slices.SortFunc(drawn, byButton)
	if !slices.Equal(buttons, drawn) {
		t.Errorf("drawn is\n%v\nand the example says\n%v", buttons, drawn)
	}
	// The other drawings name the same lines in their words.
	for _, b := range machine.Panel.Buttons {
		if s := read("../../firmware-notes/buttons.svg"); !strings.Contains(s, ">"+b.Pin+"<") || !strings.Contains(s, ">pin "+header[b.Pin]+"<") || !strings.Contains(s, ">"+string(b.Button)+"<") {
			t.Errorf("buttons.svg lacks %s, pin %s or button %s", b.Pin, header[b.Pin], b.Button)
		}
		if s := read("../../firmware-notes/lamps.svg"); !strings.Contains(s, ">"+port(b.Lamp)+"<") || !strings.Contains(s, ">"+string(b.Button)+"<") {
			t.Errorf("lamps.svg lacks %s or button %s", port(b.Lamp), b.Button)
		}
	}
	// The one button that motcua.toml explains is one of them.
	packaged := read("../../packaging/motcua.toml")
	first := machine.Panel.Buttons[0]
	for _, want := range []string{`button = "` + string(first.Button) + `"`, `pin = "` + first.Pin + `"`, `lamp = "` + first.Lamp + `"`} {
		if !strings.Contains(packaged, "# "+want) {
			t.Errorf("motcua.toml lacks %s", want)
		}
	}
}

package main

import (
	"fmt"
	"strings"
	"testing"

	"motcua/internal/auth"
	"motcua/internal/browsertest"
	"motcua/internal/doorway"
)

// TestDevicesPage is a supervisor's way with a new device in real Chromium, by
// keyboard alone: a slip of the pen, the code, a kiosk that has not come yet,
// and a revocation that asks first.
func TestDevicesPage(t *testing.T) {
	p := start(t, t.TempDir())
	_, hash := auth.NewToken()
	var shown doorway.PairingShown
	if code, err := p.post("/pairings", "", `{"role":"kiosk","token_sha256":"`+hash+`"}`, &shown); err != nil || code != 201 {
		t.Fatalf("ask for a code: %d %v", code, err)
	}
	b := browsertest.Start(t)
	tab := b.Tab(t, 1366, 768)
	tab.Open(p.base + "/devices?lang=vi")
	tab.Wait(`document.querySelector('.waiting').textContent.includes('1 thiết bị đang chờ') && document.querySelector('.waiting').textContent.includes('từ 127.0.0.1')`)
	accessible(t, tab, "one waits")
	picture(tab, "devices-none")
	if strange := tab.StrangeFonts("main"); len(strange) > 0 {
		t.Errorf("letters of strange fonts: %v", strange)
	}
	fill := func(code, name, shows string) {
		t.Helper()
		browsertest.Eval[bool](tab, `(() => { const f = document.querySelector('section form'); f.elements.code.value = ''; f.elements.name.value = ''; f.elements.code.focus(); return true })()`)
		tab.Keys(code + "\t" + name + "\r")
		tab.Arrive(shows)
	}
	wrong := fmt.Sprintf("%d%s", (shown.Code[0]-'0'+1)%10, shown.Code[1:])
	fill(wrong, "door-2", `!!document.querySelector('.problem') && document.querySelector('section form').elements.name.value === 'door-2'`)
	accessible(t, tab, "a wrong code")
	tab.Problems() // the refusal's status
	fill(shown.Code[:3]+" "+shown.Code[3:], "cua-2", `!!document.querySelector('.said') && document.querySelector('.said').textContent.includes('Đã ghép nối cua-2')`)
	tab.Wait(`document.querySelector('.list .name').textContent.includes('cua-2') && document.querySelector('.list .state').textContent.includes('mất kết nối')`)
	accessible(t, tab, "paired")
	picture(tab, "devices")
	tab.Size(390, 844)
	accessible(t, tab, "paired, phone")
	picture(tab, "devices-phone")
	tab.Size(1366, 768)
	for _, lang := range []string{"en", "de"} {
		tab.Open(p.base + "/devices?lang=" + lang)
		if text := browsertest.Eval[string](tab, `document.querySelector('main').innerText`); strings.Contains(text, "devices.") || strings.Contains(text, "Máy lấy số") {
			t.Errorf("%s: %s", lang, text)
		}
		accessible(t, tab, lang)
	}
	tab.Open(p.base + "/devices?lang=vi")
	tab.Leave(`document.querySelector('.revoke').click()`)
	tab.Arrive(`!!document.querySelector('.ask .danger')`)
	accessible(t, tab, "asked")
	picture(tab, "devices-ask")
	var list struct{ Devices []struct{ Name string } }
	p.get("/api/v1/devices", &list)
	if len(list.Devices) != 1 {
		t.Errorf("asking alone revoked it: %v", list)
	}
	tab.Leave(`document.querySelector('.ask .danger').click()`)
	tab.Arrive(`!!document.querySelector('.said') && document.querySelector('.said').textContent.includes('Đã thu hồi cua-2') && !!document.querySelector('.list .none')`)
	for _, problem := range tab.Problems() {
		t.Error(problem)
	}
}

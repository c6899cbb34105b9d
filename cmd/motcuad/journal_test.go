package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // registers sqlite3: the test works behind the daemon's back

	"motcua/queue"
)

// centreDB opens a daemon's database as any other program could.
func centreDB(t *testing.T, data string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(data, "centre.db")+"?mode=rw&_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// alter runs statements on a daemon's database.
func alter(t *testing.T, data string, statements ...string) {
	t.Helper()
	db := centreDB(t, data)
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// motcua runs the tool and returns its exit status and all it says.
func motcua(t *testing.T, args ...string) (int, string) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(filepath.Dir(path), "motcua"), args...)
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// filled is a data folder with the first numbers of a day in it, left by kill -9.
func filled(t *testing.T) string {
	t.Helper()
	data := t.TempDir()
	p := start(t, data)
	for n := range 6 {
		if code, err := p.post("/tickets", fmt.Sprintf("key-%d", n), `{"category":"A"}`, nil); err != nil || code != 201 {
			t.Fatalf("issue: %d %v", code, err)
		}
	}
	p.kill()
	return data
}

// copied is a copy of a data folder.
func copied(t *testing.T, data string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(to, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	return to
}

func demoOn(data string) []string {
	return []string{"--demo", "--listen", "127.0.0.1:0", "--data", data}
}

// TestBrokenJournal changes a record behind the daemon's back: it must not
// start, must name the record and the command that helps, and that command
// must say the same. Put right again, it starts.
func TestBrokenJournal(t *testing.T) {
	data := filled(t)
	const open = `DROP TRIGGER records_no_update; DROP TRIGGER records_no_delete;`
	for _, x := range []struct {
		name, statement string
		seq             int
	}{
		{"one letter of an early record", `UPDATE records SET data = replace(data, '"id":"demo"', '"id":"dema"') WHERE seq = 1`, 1},
		{"one digit of a ticket", `UPDATE records SET data = replace(data, 'A001', 'A007') WHERE seq = 3`, 3},
		{"who did it", `UPDATE records SET actor = 'somebody' WHERE seq = 2`, 2},
		{"when it was", `UPDATE records SET at = at + 1 WHERE seq = 2`, 2},
		{"its hash", `UPDATE records SET hash = zeroblob(32) WHERE seq = 2`, 2},
		{"a record taken out", `DELETE FROM records WHERE seq = 2`, 2},
	} {
		t.Run(x.name, func(t *testing.T) {
			data := copied(t, data)
			alter(t, data, open, x.statement)
			position := fmt.Sprintf("record %d", x.seq)
			help := "motcua journal verify --data " + data
			says(t, refused(t, demoOn(data)...), "motcuad: ", position, help, "backup")
			status, text := motcua(t, strings.Fields(help)[1:]...)
			if status != 1 {
				t.Errorf("motcua journal verify: exit status %d, want 1", status)
			}
			says(t, text, position, "what to do: ")
			if x.seq > 1 { // what can be saved
				says(t, text, fmt.Sprintf("motcua journal export --data %s --to %d", data, x.seq-1))
			}
		})
	}
	// Left alone, it is sound and goes on.
	if status, text := motcua(t, "journal", "verify", "--data", data); status != 0 {
		t.Errorf("the untouched journal: %d %s", status, text)
	}
	p := start(t, data)
	var a struct {
		Label string `json:"label"`
	}
	if code, err := p.post("/tickets", "", `{"category":"A"}`, &a); err != nil || code != 201 || a.Label != "A007" {
		t.Errorf("after kill and start: %d %q %v", code, a.Label, err)
	}
	p.stop()
	if status, text := motcua(t, "journal", "verify", "--data", data); status != 0 || !strings.Contains(text, "7, each with its label") {
		t.Errorf("after a clean end: %d %s", status, text)
	}
	// A snapshot must not hide what was changed before it.
	alter(t, data, open, `UPDATE records SET data = replace(data, 'A001', 'A009') WHERE seq = 3`)
	says(t, refused(t, demoOn(data)...), "record 3", "motcua journal verify --data "+data)
}

// TestNewerJournal offers a journal of a later release: nothing of it may be
// read wrong, and what helps is that release.
func TestNewerJournal(t *testing.T) {
	data := filled(t)
	alter(t, data, `INSERT OR REPLACE INTO meta (name, value) VALUES ('release', '0.9')`)

	t.Run("schema", func(t *testing.T) {
		data := copied(t, data)
		alter(t, data, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9, 1)`)
		want := []string{"schema 9", "release 0.9", "up to record ", "start that release or a newer one", "backup", "motcua journal verify --data " + data}
		says(t, refused(t, demoOn(data)...), want...)
		status, text := motcua(t, "journal", "verify", "--data", data)
		if status == 0 {
			t.Error("motcua journal verify finds nothing")
		}
		says(t, text, want...)
	})

	t.Run("event", func(t *testing.T) {
		data := copied(t, data)
		db := centreDB(t, data)
		var r queue.Record
		var at int64
		var before []byte
		if err := db.QueryRow(`SELECT seq, at, mono, hash FROM records ORDER BY seq DESC LIMIT 1`).Scan(&r.Seq, &at, &r.Mono, &before); err != nil {
			t.Fatal(err)
		}
		// A sound record, but of a kind that this release has never heard of.
		r.Seq++
		r.At, r.ClockOK, r.Boot, r.Actor, r.Data = time.UnixMilli(at), true, "b", "test", []byte(`{"ticket":3,"stars":5}`)
		hash := queue.ChainHash([32]byte(before), &r, "ticket.rated.v1")
		if _, err := db.Exec(`INSERT INTO records (seq, at, boot, mono, clock_ok, actor, key, key_sum, type, data, hash) VALUES (?, ?, ?, ?, 1, ?, '', 0, 'ticket.rated.v1', ?, ?)`,
			int64(r.Seq), at, r.Boot, r.Mono, r.Actor, string(r.Data), hash[:]); err != nil {
			t.Fatal(err)
		}
		db.Close()
		want := []string{fmt.Sprintf("record %d (ticket.rated.v1)", r.Seq), "release 0.9", "start that release or a newer one", "motcua journal verify --data " + data}
		says(t, refused(t, demoOn(data)...), want...)
		status, text := motcua(t, "journal", "verify", "--data", data)
		if status == 0 {
			t.Error("motcua journal verify finds nothing")
		}
		says(t, text, want...)
	})
}

// A folder that holds no database at all is said to be so, and left alone.
func TestDamagedDatabase(t *testing.T) {
	data := t.TempDir()
	rubbish := bytes.Repeat([]byte("no database "), 1000)
	write(t, filepath.Join(data, "centre.db"), string(rubbish))
	says(t, refused(t, demoOn(data)...), data, "damaged", "restore the newest verified backup")
	if b, err := os.ReadFile(filepath.Join(data, "centre.db")); err != nil || !bytes.Equal(b, rubbish) {
		t.Errorf("the file was touched: %v", err)
	}
}

func TestTwoDaemons(t *testing.T) {
	data := t.TempDir()
	p := start(t, data)
	says(t, refused(t, demoOn(data)...), data, fmt.Sprintf("in use by process %d", p.cmd.Process.Pid), "stop it first", "--data")
	// A port that is taken, by whomever.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	says(t, refused(t, "--demo", "--listen", l.Addr().String(), "--data", t.TempDir()), "listen on "+l.Addr().String(), "address already in use", "choose a free port with --listen")
	says(t, refused(t, "--demo", "--listen", "8480", "--data", t.TempDir()), "listen on 8480", "missing port", "such as 127.0.0.1:8480")
	p.get("/api/v1/board", new(any)) // the first one never noticed
	p.stop()
	// A lock outlives nobody: neither a clean end nor a kill.
	start(t, data).kill()
	start(t, data).stop()
}

// A folder that can't be had is named with the flag that chooses another.
func TestBadFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	write(t, path, "no folder")
	says(t, refused(t, demoOn(path)...), path, "--data")
}

// A machine without a centre starts, so that one can be sent to it, and says
// what is missing.
func TestNoCentre(t *testing.T) {
	p := launch(t, "--listen", "127.0.0.1:0", "--data", t.TempDir())
	var b struct {
		Status string `json:"status"`
	}
	p.get("/api/v1/health", &b)
	if b.Status != "degraded" {
		t.Errorf("health is %q", b.Status)
	}
	resp, err := http.Get(p.base + "/api/v1/board")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || resp.StatusCode != 409 {
		t.Errorf("board: %d %v", resp.StatusCode, err)
	}
	says(t, string(text), `"code":"closed","reason":"not_configured"`, `"hint":`)
	p.stop()
	says(t, p.out.String(), "no centre is configured", "--centre", p.base+"/setup", "motcua setup-code")
}

// Six mistakes in motcua.toml are six lines, each with where, what and the way
// out; nothing was begun.
func TestBadMachine(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	path := filepath.Join(dir, "motcua.toml")
	write(t, path, `listen = "8480"
public_url = "so.example.vn"
colour = "blue"
data = "relative"

[log]
level = "loud"

[limits]
burst = "many"

[printer]
device = "usb"
profile = "abacus"

[[access]]
name = "Nguyễn Văn A"
role = "king"
token_sha256 = "secret-token"
`)
	text := refused(t, "--config", path, "--demo", "--data", data)
	says(t, text, path+": 11 problems",
		`line 1: listen = "8480": `, `"127.0.0.1:8480"`,
		`line 2: public_url = "so.example.vn": `, `"https://so.example.vn"`,
		`line 3: colour: this key is unknown. Check its spelling`,
		`line 4: data = "relative": this is no absolute path. Write it from the root`,
		`line 7: log.level = "loud": this is no level. Use debug, info, warn or error.`,
		`line 10: limits.burst = "many": `, "Write it without quotes",
		`line 13: printer.device = "usb": scheme missing. Write usb:///dev/usb/lp0`,
		`line 14: printer.profile = "abacus": there is no such printer profile. Name one of auto`,
		`line 17: access[0].name = "Nguyễn Văn A": this is no id. Use 1 to 40 letters`,
		`line 18: access[0].role = "king": this role is unknown. Use board, kiosk, greeter, officer or supervisor.`,
		`line 19: access[0].token_sha256: this is not 64 hexadecimal digits. Run `+"`motcua token`")
	if strings.Contains(text, "secret-token") {
		t.Error("what may be a token is repeated")
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("the data folder was made")
	}
	// Text that is no TOML at all has one mistake, with its line.
	write(t, path, "listen = \":8480\"\nhosts = [\"a\"\n[printer\n")
	says(t, refused(t, "--config", path), path+": 1 problem", "line 3")
}

// Everything wrong with a centre file is listed at once, what the slip's
// typeface lacks too, and nothing is applied.
func TestBadCentreFile(t *testing.T) {
	good, err := os.ReadFile("../../internal/config/demo.toml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path, data := filepath.Join(dir, "centre.toml"), filepath.Join(dir, "data")
	change := func(pairs ...string) {
		text := string(good)
		for i := 0; i < len(pairs); i += 2 {
			if !strings.Contains(text, pairs[i]) {
				t.Fatalf("the example has no %q", pairs[i])
			}
			text = strings.Replace(text, pairs[i], pairs[i+1], 1)
		}
		write(t, path, text)
	}
	change("Chứng thực", "漢字", `skills = ["A", "B", "R"]`, `skills = ["A", "Z", "R"]`, "number = 2\n", "number = 1\n",
		`prefix = "C"`, `prefix = "I"`, "mark = true", "mark = true\nmrak = 1", "minutes = 12", `minutes = "six"`, "window = 5", "window = 500")
	text := refused(t, append(demoOn(data), "--centre", path)...)
	says(t, text, path+": 7 problems",
		`categories[0].name.vi = "漢字": `, `U+6F22`, "Take the character out, or write it otherwise.",
		`counters[0].skills[1] = "Z": is no category. Name one of [[categories]].`,
		`counters[1].number = "main 1": stands twice.`,
		`series[2].prefix = "I": is no prefix. Use one or two capital letters`,
		`classes[1].mrak: this key is unknown. Check its spelling, or remove it.`,
		`categories[1].minutes = "six": this must be a whole number.`,
		`routing.window = "500": is out of range. Give 0 to 10 minutes.`)
	var records int
	if err := centreDB(t, data).QueryRow(`SELECT count(*) FROM records`).Scan(&records); err != nil || records != 0 {
		t.Errorf("%d records after the refusal, %v", records, err)
	}

	// A running centre keeps what it has.
	p := start(t, data)
	var before, after any
	p.get("/api/v1/centre", &before)
	p.stop()
	says(t, refused(t, append(demoOn(data), "--centre", path)...), "7 problems")
	p = start(t, data)
	p.get("/api/v1/centre", &after)
	if fmt.Sprint(before) != fmt.Sprint(after) {
		t.Error("the refused file has changed the centre")
	}
	p.stop()

	// Put right, it is applied.
	change("Chứng thực", "Công chứng")
	p = start(t, data, "--centre", path)
	var centre struct {
		Categories []struct{ Name map[string]string }
	}
	p.get("/api/v1/centre", &centre)
	if got := centre.Categories[0].Name["vi"]; got != "Công chứng" {
		t.Errorf("applied name %q", got)
	}
	p.stop()
}

package archtest

// room is a package of ours (path below the module) and what it may import of
// ours. A rule is found by exact path, so that every new package must be
// entered here with a thought.
type room struct {
	ours []string // paths below the module; "*" = everything
	why  string
	pure bool // no I/O, clock, randomness or logging: see impure
}

var rooms = map[string]room{
	"queue":                  {nil, "the domain knows nobody", true},
	"queue/queuetest":        {[]string{"queue"}, "builders for other packages' tests", false},
	"queue/queuetest/naive":  {[]string{"queue", "queue/queuetest", "router"}, "the rules a second time, beside the first", false},
	"router":                 {[]string{"queue"}, "a choice depends on the state alone", true},
	"router/routertest":      {[]string{"queue"}, "judges calls, knows no router", true},
	"display":                {[]string{"queue"}, "the board is a pure projection", true},
	"display/feed":           {nil, "carries positions and bytes, not tickets", false},
	"queue/queuetest/linear": {[]string{"queue"}, "a second opinion on the domain shares none of its code", false},

	"kiosk":           {[]string{"queue", "printer", "kiosk/scanner", "kiosk/scans"}, "panels and paper, however they are stored", false},
	"kiosk/gpiopanel": {[]string{"kiosk"}, "pins know presses, not tickets", false},
	"kiosk/virtual":   {[]string{"kiosk"}, "as pins", false},
	"kiosk/kiosktest": {[]string{"kiosk"}, "as pins", false},
	"kiosk/door":      {[]string{"queue", "kiosk", "printer", "printer/spool", "internal/doorway"}, "a client of the centre; the journal is the centre's alone", false},
	"kiosk/scanner":   {nil, "tells what a code is and keeps nothing", true},
	"kiosk/scans":     {[]string{"queue", "kiosk/scanner"}, "what a code asks for is decided once, for panels and API", true},

	"kiosk/scanner/reader": {[]string{"kiosk/scanner", "internal/tty"}, "cuts out codes, does not know what they are", false},

	"printer":             {[]string{"internal/fonts"}, "a Slip is plain text and numbers", false},
	"printer/escpos":      {[]string{"printer"}, "a language of printers, nothing else", false},
	"printer/device":      {[]string{"printer", "internal/tty"}, "carries bytes", false},
	"printer/spool":       {[]string{"printer"}, "declares the log it needs", false},
	"printer/printertest": {nil, "decodes from the documentation, not from our encoder", false},

	"internal/fonts":        {nil, "a leaf", false},
	"internal/engine":       {[]string{"queue"}, "declares the journal it needs", false},
	"internal/journal":      {[]string{"queue"}, "stores, does not decide", false},
	"internal/story":        {[]string{"queue", "router"}, "sentences from records, whoever reads them", false},
	"internal/staff":        {[]string{"queue"}, "the console is a pure projection", true},
	"internal/auth":         {[]string{"queue"}, "who asks, in the domain's roles", false},
	"internal/config":       {[]string{"queue", "internal/auth", "kiosk/gpiopanel", "kiosk/scanner/reader", "printer", "printer/device", "printer/escpos"}, "reads files into what others define, and what can't be printed is wrong in a file", false},
	"internal/sim":          {[]string{"queue", "router"}, "the rules on a virtual clock", false},
	"internal/parts":        {[]string{"internal/config", "kiosk", "kiosk/gpiopanel", "kiosk/scanner/reader", "printer", "printer/device", "printer/escpos", "printer/spool"}, "makes what motcua.toml names; runs none of it", false},
	"internal/sysd":         {nil, "the machine: clock, notify, watchdog", false},
	"internal/doorway":      {[]string{"queue", "printer"}, "words between a kiosk and its centre; a Slip is one of them", false},
	"internal/web":          {nil, "pages and words, whatever they show", false},
	"internal/httpapi":      {[]string{"queue", "display", "display/feed", "kiosk/scanner", "kiosk/scans", "internal/appointments", "internal/staff", "internal/web", "internal/auth", "internal/doorway", "internal/setup", "printer"}, "asks ports, never the store", false},
	"internal/demo":         {[]string{"queue", "display", "internal/staff"}, "a client like any other", false},
	"internal/browsertest":  {nil, "wraps the browser driver, for tests", false},
	"internal/archtest":     {nil, "reads the module, imports none of it", false},
	"internal/bench":        {[]string{"*"}, "measures the whole", false},
	"internal/rules":        {[]string{"*"}, "proves the whole", false},
	"internal/hardwaretest": {[]string{"internal/hardwaretest/emulated", "internal/verdict"}, "boots a guest, and knows of the product only what it runs in it", false},

	"internal/hardwaretest/rig":    {[]string{"printer/printertest"}, "the guest's hardware in a test's hands", false},
	"internal/hardwaretest/inside": {nil, "tests alone", false},

	"internal/hardwaretest/emulated": {[]string{"queue", "internal/auth", "printer/printertest"}, "runs the built packages, plays citizens and officers", false},

	"internal/verdict": {nil, "a table, whatever was checked", false},

	"internal/tty":         {nil, "a serial line, whatever is at its other end", false},
	"internal/tty/ttytest": {nil, "its other end, for tests", false},

	"internal/appointments": {[]string{"queue", "kiosk/scanner"}, "lists of others; a code must be one that can be scanned", false},

	"internal/setup": {[]string{"queue", "kiosk", "printer", "internal/auth", "internal/config", "internal/web"}, "asks people and makes a file of it; panel, printer and engine are ports", false},

	"packaging/licences": {nil, "reads what was built, imports none of it", false},

	"cmd/motcuad":      {[]string{"*"}, "wiring", false},
	"cmd/motcua":       {[]string{"*"}, "wiring", false},
	"cmd/motcua-kiosk": {[]string{"*"}, "wiring", false},
}

// impure are the standard packages a pure room may not import directly.
var impure = []string{"os", "net", "net/http", "database/sql", "log", "log/slog", "math/rand", "math/rand/v2", "crypto/rand", "sync", "os/exec", "syscall"}

// homes says which packages may import a module of others, tests apart.
var homes = map[string]struct {
	in  []string
	why string
}{
	"periph.io/x/conn/v3":               {[]string{"kiosk/gpiopanel"}, "pins"},
	"periph.io/x/host/v3":               {[]string{"kiosk/gpiopanel"}, "pins"},
	"github.com/gorilla/websocket":      {[]string{"display/feed", "internal/bench"}, "websockets; the bench measures beside it"},
	"github.com/mattn/go-sqlite3":       {[]string{"internal/journal", "internal/bench"}, "the journal; the bench measures beside it"},
	"github.com/pressly/goose/v3":       {[]string{"internal/journal"}, "migrations"},
	"github.com/danielgtaylor/huma/v2":  {[]string{"internal/httpapi"}, "JSON API and its description"},
	"golang.org/x/time":                 {[]string{"internal/httpapi"}, "rate limits"},
	"github.com/alecthomas/kong":        {[]string{"cmd/motcuad", "cmd/motcua", "cmd/motcua-kiosk"}, "command lines"},
	"github.com/coreos/go-systemd/v22":  {[]string{"internal/sysd"}, "the service manager's notify socket"},
	"github.com/BurntSushi/toml":        {[]string{"internal/config"}, "configuration files"},
	"github.com/google/renameio/v2":     {[]string{"internal/journal", "internal/setup", "cmd/motcuad", "cmd/motcua-kiosk"}, "files replaced whole"},
	"github.com/go-text/typesetting":    {[]string{"printer"}, "shaping"},
	"golang.org/x/image":                {[]string{"printer", "printer/printertest"}, "outlines to dots, and the printer's own letters"},
	"github.com/boombuler/barcode":      {[]string{"printer", "printer/printertest"}, "QR codes, ours and those a printer draws itself"},
	"golang.org/x/text":                 {[]string{"printer", "internal/web", "internal/httpapi", "internal/appointments", "internal/setup"}, "normal forms, plurals, Accept-Language"},
	"go.bug.st/serial":                  {[]string{"internal/tty"}, "serial ports: speed, modem bits, exclusive use"},
	"golang.org/x/sys":                  {[]string{"printer/device", "internal/tty", "internal/tty/ttytest", "kiosk/scanner/reader", "internal/sysd", "internal/journal", "internal/hardwaretest/rig"}, "system calls"},
	"github.com/chromedp/chromedp":      {[]string{"internal/browsertest"}, "tests drive a browser"},
	"github.com/chromedp/cdproto":       {[]string{"internal/browsertest"}, "tests drive a browser"},
	"pgregory.net/rapid":                {[]string{"queue/queuetest"}, "random commands for tests"},
	"github.com/anishathalye/porcupine": {[]string{"queue/queuetest/linear"}, "linearizability, for tests"},
}

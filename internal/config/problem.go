package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"

	"motcua/queue"
)

// Problem is one thing wrong with a file. Msg and Hint are English; faces
// translate by Code: the words are problem.<code>, with Values as their
// arguments, and the remedy is problem.<code>.hint.
type Problem struct {
	Line  int    // 1 = first; 0 = not known
	Field string // "access[2].role", counted from 0
	Code  string // one of Flaws, or of the centre's own [queue.FlawCodes]
	Value string // what stands there; secrets are left out
	Msg   string // what is wrong
	Hint  string // how to put it right
	// Args are what the words of Code name beside the value.
	Args map[string]any
}

// Values are the arguments of the words for p.Code.
func (p Problem) Values() map[string]any {
	return queue.Problem{Value: p.Value, Args: p.Args}.Values()
}

// The codes of what may be wrong with a file itself, or with a motcua.toml. The
// literals are stable.
const (
	flawSyntax      = "file_syntax"       // no TOML: {message} of its reader
	flawUnknownKey  = "file_unknown_key"  // known are the {n} of {list}; 0 where the example tells
	flawTable       = "file_table"        // no table [{path}]
	flawTables      = "file_tables"       // no list of tables [[{path}]]
	flawWords       = "file_words"        // no words by language
	flawList        = "file_list"         // no list; of tables it were [[{path}]]
	flawText        = "file_text"         // no text
	flawNumber      = "file_number"       // no whole number
	flawRange       = "file_range"        // no whole number from {low} to {high}
	flawBool        = "file_bool"         // neither true nor false
	flawMissing     = "file_missing"      // missing, such as {example}
	flawLevel       = "file_level"        // no level of the log
	flawProfile     = "file_profile"      // no printer profile of {list}
	flawProfileFile = "file_profile_file" // no path of a profile's file
	flawChoice      = "file_choice"       // none of {list}
	flawPaper       = "file_paper"        // at {dpi} dpi {mm} mm, as no roll is; 80 mm paper has {dots} dots
	flawNeeds       = "file_needs"        // of no use without {other}
	flawBeside      = "file_beside"       // contradicts {other}
	flawUsed        = "file_used"         // the same button as {other}
	flawName        = "file_name"         // no id of an access entry
	flawNameTaken   = "file_name_taken"   // another entry has it
	flawAccessRole  = "file_access_role"  // no role
	flawCounterRole = "file_counter_role" // only officers have a counter
	flawPointRole   = "file_point_role"   // only devices and greeters have a point
	flawToken       = "file_token"        // no hash of a token
	flawTokenTwice  = "file_token_twice"  // another entry has it
	flawListen      = "file_listen"       // no address to listen on
	flawPort        = "file_port"         // no port
	flawListenHost  = "file_listen_host"  // no host to listen on
	flawFolder      = "file_folder"       // no absolute path
	flawWeb         = "file_web"          // no web address
	flawWebMore     = "file_web_more"     // more than scheme, host and port
	flawWebLong     = "file_web_long"     // longer than {high} bytes
	flawHost        = "file_host"         // no host name
	flawDevice      = "file_device"       // no printer's device
	flawScanner     = "file_scanner"      // no scanner's device
	flawSecondAlone = "file_second_alone" // a second printer without a first
	flawSecondSame  = "file_second_same"  // the second printer is the first
	flawFingerprint = "file_fingerprint"  // no SHA-256 of a certificate
	flawPinned      = "file_pinned"       // plain HTTP has no certificate
	flawPlain       = "file_plain"        // plain HTTP, and nobody allowed it
	flawLoopback    = "file_loopback"     // an address others can reach
	flawLanguage    = "file_language"     // no language of ours
	flawPaired      = "file_paired"       // said at the pairing, not here
	flawNoPoint     = "file_no_point"     // the centre has no such service point
	flawNoButton    = "file_no_button"    // … category or language
	flawNoCounter   = "file_no_counter"   // … counter
)

// Flaws lists the codes of this package's own, so that faces can be held to
// have words for each.
func Flaws() []string {
	return []string{flawSyntax, flawUnknownKey, flawTable, flawTables, flawWords, flawList, flawText, flawNumber, flawRange,
		flawBool, flawMissing, flawLevel, flawProfile, flawProfileFile, flawChoice, flawPaper, flawNeeds, flawBeside, flawUsed, flawName, flawNameTaken, flawAccessRole, flawCounterRole,
		flawPointRole, flawToken, flawTokenTwice, flawListen, flawPort, flawListenHost, flawFolder, flawWeb, flawWebMore,
		flawWebLong, flawHost, flawDevice, flawScanner, flawSecondAlone, flawSecondSame, flawFingerprint, flawPinned, flawPlain, flawLoopback, flawLanguage, flawPaired, flawNoPoint, flawNoButton, flawNoCounter}
}

// args are what the words of a problem name.
type args = map[string]any

// flaw is what is wrong with a value; the zero one is nothing.
type flaw struct {
	code, msg, hint string
	args            args
}

// String is one line without its end.
func (p Problem) String() string {
	var b strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", p.Line)
	}
	b.WriteString(p.Field)
	if p.Value != "" {
		fmt.Fprintf(&b, " = %q", p.Value)
	}
	fmt.Fprintf(&b, ": %s. %s", p.Msg, p.Hint)
	return b.String()
}

// Error lists everything wrong with one file.
type Error struct {
	File     string // its path, or "" for bytes
	Problems []Problem
}

func (e *Error) Error() string {
	var b strings.Builder
	name := e.File
	if name == "" {
		name = "configuration"
	}
	s := "s"
	if len(e.Problems) == 1 {
		s = ""
	}
	fmt.Fprintf(&b, "%s: %d problem%s", name, len(e.Problems), s)
	for _, p := range e.Problems {
		b.WriteString("\n  ")
		b.WriteString(p.String())
	}
	return b.String()
}

// syntax makes a problem of what the TOML reader says.
func syntax(err error) Problem {
	p := Problem{Field: "(file)", Code: flawSyntax, Msg: strings.TrimPrefix(err.Error(), "toml: "), Hint: "Correct the line; strings stand in double quotes, lists in square brackets."}
	var pe toml.ParseError
	if errors.As(err, &pe) {
		p.Line, p.Msg = pe.Position.Line, pe.Message
		if pe.LastKey != "" {
			p.Field = pe.LastKey
		}
	}
	p.Args = args{"message": p.Msg}
	return p
}

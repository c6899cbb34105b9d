package printer

// Slip is what a ticket says, ready to be set: every string is already in the
// language of its reader. Empty fields leave their place out.
type Slip struct {
	Unit     string // small first line: the kind of office
	Centre   string // bold second line: its name
	Category string // what the number is for
	Number   string // "A042", as large as the paper allows
	Mark     string // "Ưu tiên"; never a ground
	Reprint  string // "BẢN IN LẠI", in a frame, when this number was printed before
	Rows     []Row  // people ahead, expected wait, where to wait
	Link     string // what the QR code holds; at most 106 bytes, "" = no code
	LinkHint string // beside the code
	Issued   []Line // when it was taken: session, weekday, date
	Notice   string // the centre's own words, at the foot
}

// Row is a label at the left edge and a value at the right one.
type Row struct{ Label, Value string }

// Line is a run of words with an optional bold tail: "Lấy lúc" + "09:42".
type Line struct{ Text, Bold string }

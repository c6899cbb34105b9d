package printer

// Slip is what a ticket says, ready to be set: every string is already in the
// language of its reader. Empty fields leave their place out.
type Slip struct {
	Unit     string `json:"unit,omitempty"`      // small first line: the kind of office
	Centre   string `json:"centre,omitempty"`    // bold second line: its name
	Category string `json:"category,omitempty"`  // what the number is for
	Number   string `json:"number,omitempty"`    // "A042", as large as the paper allows
	Mark     string `json:"mark,omitempty"`      // "Ưu tiên"; never a ground
	Reprint  string `json:"reprint,omitempty"`   // "BẢN IN LẠI", in a frame, when this number was printed before
	Rows     []Row  `json:"rows,omitempty"`      // people ahead, expected wait, where to wait
	Link     string `json:"link,omitempty"`      // what the QR code holds; at most 106 bytes, "" = no code
	LinkHint string `json:"link_hint,omitempty"` // beside the code
	Issued   []Line `json:"issued,omitempty"`    // when it was taken: session, weekday, date
	Notice   string `json:"notice,omitempty"`    // the centre's own words, at the foot
}

// Row is a label at the left edge and a value at the right one.
type Row struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// Line is a run of words with an optional bold tail: "Lấy lúc" + "09:42".
type Line struct {
	Text string `json:"text,omitempty"`
	Bold string `json:"bold,omitempty"`
}

// Package escpos speaks ESC/POS, the language of most ticket printers: it
// turns slips into bytes and a printer's bytes into replies. Models differ in
// what they know; a [Profile] says so, and [Named] has the common ones.
//
// Text never travels as text: code tables lack half of what Vietnamese and the
// minority languages need, so the whole slip is one picture (printer.Layout)
// sent in bands.
//
// Source of the byte sequences: Epson's ESC/POS command reference,
// download4.epson.biz/sec_pubs/pos/reference_en/escpos/.
package escpos

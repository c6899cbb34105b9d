// Package escpos speaks ESC/POS, the language of most ticket printers: it
// turns slips into bytes and a printer's bytes into replies. Models differ in
// what they know; a [Profile] says so, and [Named] has the common ones.
//
// Words never travel as text: code tables lack half of what Vietnamese and the
// minority languages need, so the slip is a picture (printer.Compose) sent in
// bands. On slow lines a printer that can draws the code and the number itself,
// and keeps the parts that slips share; see [Level].
//
// Source of the byte sequences: Epson's ESC/POS command reference,
// download4.epson.biz/sec_pubs/pos/reference_en/escpos/.
package escpos

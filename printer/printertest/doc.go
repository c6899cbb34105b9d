// Package printertest is a ticket printer in software. It reads ESC/POS bytes
// as a printer would, draws them on a roll of one bit per dot, yields a
// [Ticket] at every cut, and answers status and process-id requests on the
// same connection. Its [Fault]s are those of real machines and can be switched
// while it runs: end of paper at a given byte, an open cover, a cut cable, a
// printer that never answers, acknowledgements that come late or twice.
//
// It decodes from the makers' documentation and shares no code with the
// encoder, so a byte both misunderstand the same way is unlikely.
//
// Source of the commands: Epson's ESC/POS command reference,
// download4.epson.biz/sec_pubs/pos/reference_en/escpos/.
package printertest

// Package kiosk turns a press of a button into a ticket in a hand.
//
// A [Panel] is what people press: a row of lit buttons, one for each category,
// and where a centre speaks several languages one for each of these. The panel
// on real pins is kiosk/gpiopanel, the one a browser page draws is
// kiosk/virtual, the one tests script is kiosk/kiosktest. All of them speak the
// same port, so what happens after a press is written and tested once.
//
// A [Lamp] is what the panel answers before the paper does. Its patterns are
// the same on every panel, so that nobody has to learn a second language of
// lights in a second centre.
package kiosk

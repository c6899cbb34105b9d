// Package sysd is the machine underneath: its boot, its clock and how far the
// clock can be trusted.
package sysd

// Package archtest holds the house's import table as a test: who may import
// whom, and which package is the one home of each dependency.
package archtest

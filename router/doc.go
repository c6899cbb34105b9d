// Package router decides which waiting ticket a counter takes next, and says
// why. It routes counters, not HTTP.
package router

package auth

import (
	"slices"

	"motcua/queue"
)

// Board is the role of a paired wall display: it reads boards and nothing else.
const Board queue.Role = "board"

// Anonymous is the role of a request nobody vouches for: it reads boards and
// the ticket whose link it holds.
const Anonymous queue.Role = ""

// Placed lists the roles whose access entry may name a service point.
func Placed() []queue.Role { return []queue.Role{Board, queue.Kiosk, queue.Greeter} }

// Roles lists the roles an access entry may have, the least first.
func Roles() []queue.Role {
	return []queue.Role{Board, queue.Kiosk, queue.Greeter, queue.Officer, queue.Supervisor}
}

// Principal is who asks. The zero Principal is anonymous.
type Principal struct {
	// Actor is the id written into the journal: a device or staff id, never a name.
	Actor string
	Role  queue.Role
	// Counter binds an officer to one counter; empty: any.
	Counter queue.CounterID
	// Point binds a board, a kiosk or a greeter to one service point; empty: any.
	Point queue.PointID
	// Demo marks a local request to a demonstration, which needs no token.
	Demo bool
}

// Is reports whether the principal has one of the roles.
func (p Principal) Is(roles ...queue.Role) bool { return slices.Contains(roles, p.Role) }

// Known reports whether anybody vouches for the principal.
func (p Principal) Known() bool { return p.Role != Anonymous }

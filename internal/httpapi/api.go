package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"motcua/internal/auth"
	"motcua/queue"
)

const (
	base = "/api/v1"
	// maxBody and maxConfig are the largest bodies taken, in bytes.
	maxBody   = 64 << 10
	maxConfig = 1 << 20
)

// Who may do what. The domain checks once more what depends on the state.
var (
	anybody []queue.Role
	takers  = []queue.Role{queue.Kiosk, queue.Greeter, queue.Officer, queue.Supervisor}
	anyone  = []queue.Role{queue.Greeter, queue.Officer, queue.Supervisor} // of the staff
	desks   = []queue.Role{queue.Officer, queue.Supervisor}
	leads   = []queue.Role{queue.Supervisor}
)

// metadata keys of an operation.
const (
	metaRoles   = "roles"
	metaCounter = "counter" // the path's id is a counter's
)

// addAPI registers every operation and makes the OpenAPI document.
func (s *Server) addAPI() error {
	schemas := huma.NewMapRegistry("#/components/schemas/", schemaName)
	cfg := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "motcua", Version: s.o.Version,
				Description: "Numbers, counters and boards of one centre. Commands take an Idempotency-Key: the same key with the same command is carried out once and answered alike, with another command it is refused. Refusals are problem documents (RFC 9457) whose code and reason are stable and whose hint names the remedy. Live boards come over the websocket at /feed.",
			},
			Components: &huma.Components{
				Schemas: schemas,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"token":  {Type: "http", Scheme: "bearer", Description: "An access token listed, by its hash, in motcua.toml, or that of a paired device"},
					"cookie": {Type: "apiKey", In: "cookie", Name: auth.Cookie, Description: "The same token, as /sign-in stores it"},
				},
			},
		},
		Formats:      map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		Transformers: []huma.Transformer{s.translate},
		// No OpenAPIPath: the document is made once below, not by the first
		// who asks. No DocsPath: that page loads its script from elsewhere.
		DefaultFormat: "application/json",
	}
	api := humago.New(s.mux, cfg)
	api.UseMiddleware(s.authorise(api))

	s.addTickets(api)
	s.addCounters(api)
	s.addAppointments(api)
	s.addRolls(api)
	s.addImport(api)
	s.addReads(api)
	s.addHours(api)
	s.addCentre(api)
	s.addClock(api)
	s.addScreens(api)
	s.addScans(api)
	s.addDevices(api)
	s.addDoors(api)
	s.addPrinters(api)
	s.addDemo(api)

	doc := api.OpenAPI()
	// huma's own error shape is never sent.
	delete(schemas.Map(), "HumaErrorModel")
	delete(schemas.Map(), "HumaErrorDetail")
	describeFeed(doc, s.o.Feed != nil)
	b, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("describe api: %w", err)
	}
	s.openAPI = append(b, '\n')
	s.mux.HandleFunc("GET "+base+"/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		w.Write(s.openAPI)
	})
	if s.o.Feed != nil {
		s.mux.Handle("GET /feed", s.o.Feed)
	}
	return nil
}

// schemaName keeps types of the same name in two packages apart.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	pkg := t.PkgPath()
	if pkg == "" || strings.HasSuffix(pkg, "/httpapi") {
		return name
	}
	pkg = pkg[strings.LastIndexByte(pkg, '/')+1:]
	if pkg == "v2" {
		pkg = "huma"
	}
	return strings.ToUpper(pkg[:1]) + pkg[1:] + name
}

// op begins the description of an operation.
func (s *Server) op(method, path, id, summary string, roles []queue.Role) huma.Operation {
	full := base + path
	s.routes = append(s.routes, Route{Method: method, Path: full, Roles: roles})
	o := huma.Operation{
		Method: method, Path: full, OperationID: id, Summary: summary,
		MaxBodyBytes:  maxBody + 1, // huma refuses what reaches the number
		DefaultStatus: http.StatusOK,
		Metadata:      map[string]any{metaRoles: roles},
		Tags:          []string{strings.SplitN(path[1:], "/", 2)[0]},
		Responses: map[string]*huma.Response{"default": {
			Description: "Refused; nothing was changed",
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}}},
		}},
	}
	if roles != nil {
		names := make([]string, len(roles))
		for i, r := range roles {
			names[i] = string(r)
		}
		o.Description = "For " + strings.Join(names, ", ") + "."
		o.Security = []map[string][]string{{"token": {}}, {"cookie": {}}}
	}
	return o
}

// authorise lets an operation be asked for only by its roles, before anything
// of the request is read.
func (s *Server) authorise(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		meta := ctx.Operation().Metadata
		roles, _ := meta[metaRoles].([]queue.Role)
		who := callOf(ctx.Context()).who
		refuse := func(p *Problem) {
			_, w := humago.Unwrap(ctx)
			p.write(w)
		}
		if p := s.mayNot(ctx.Context(), who, roles); p != nil {
			refuse(p)
			return
		}
		if meta[metaCounter] != nil && who.Counter != "" && string(who.Counter) != ctx.Param("id") {
			refuse(s.problem(ctx.Context(), &queue.Error{Code: queue.Denied, Reason: queue.WhyNotHolder,
				Msg:  "your access works counter " + string(who.Counter) + " only",
				Hint: "Work at your own counter, or have the access changed in motcua.toml."}))
			return
		}
		next(ctx)
	}
}

// mayNot refuses who has none of the roles; nil roles let everybody in.
func (s *Server) mayNot(ctx context.Context, who auth.Principal, roles []queue.Role) *Problem {
	switch {
	case roles == nil || who.Is(roles...):
		return nil
	case !who.Known():
		return s.refusal(ctx, whySignIn)
	}
	return s.refusal(ctx, whyRole)
}

// add registers an operation whose errors become problem documents.
func add[I, O any](s *Server, api huma.API, op huma.Operation, f func(context.Context, *I) (*O, error)) {
	api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := f(ctx, in)
		if err != nil {
			return nil, s.explain(ctx, err)
		}
		return out, nil
	})
}

// KeyHeader is the header every command takes.
type KeyHeader struct {
	Key string `header:"Idempotency-Key" maxLength:"200" pattern:"^[\\x20-\\x7e]+$" patternDescription:"printable ASCII" doc:"Makes the command repeatable: the same key is carried out once"`
}

// ReplayHeader tells that the answer is the one of an earlier request.
type ReplayHeader struct {
	Replayed string `header:"Idempotency-Replayed" enum:"true" doc:"The key was known: this is the first answer"`
}

func replay(res queue.Result) ReplayHeader {
	if res.Repeated {
		return ReplayHeader{"true"}
	}
	return ReplayHeader{}
}

// doneOut answers a command.
type doneOut struct {
	ReplayHeader
	Body Done
}

// command carries a command out and answers from its records.
func (s *Server) command(ctx context.Context, key string, c queue.Command) (*doneOut, error) {
	res, epoch, err := s.do(ctx, key, "", c)
	if err != nil {
		return nil, err
	}
	return &doneOut{replay(res), doneOf(res, epoch)}, nil
}

// describeFeed adds the websocket, which huma does not serve.
func describeFeed(doc *huma.OpenAPI, has bool) {
	if !has {
		return
	}
	doc.Paths["/feed"] = &huma.PathItem{Get: &huma.Operation{
		OperationID: "follow", Summary: "Follow a topic by websocket", Tags: []string{"feed"},
		Parameters: []*huma.Param{{
			Name: "topic", In: "query", Required: true, Schema: &huma.Schema{Type: "string"},
			Description: "board, board:<point> and ticket:<day>/<token> for anybody; desk:<counter> and staff for staff; screen and screen:<point> for displays and staff",
		}},
		Responses: map[string]*huma.Response{
			"101": {Description: "The socket: hello, snap, ev and hb frames"},
			"401": {Description: "Not paired"}, "403": {Description: "Not allowed, or a foreign origin"}, "404": {Description: "No such topic"},
			"426": {Description: "Not a websocket"}, "503": {Description: "Too many sockets, or the daemon starts or stops"},
		},
	}}
}

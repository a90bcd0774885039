package price_test

import (
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"zoomgraph/graph/price"
	"zoomgraph/graph/program"
)

// readsSchema has the forms of reading that no chapter of today uses.
const readsSchema = `
	directive @zoom(op: String!, list: String, brings: [String!], unpaged: Boolean = false, by: [String!]) on FIELD_DEFINITION
	directive @detail on FIELD_DEFINITION
	scalar Date
	type Query {
		ship(id: ID!): Ship @zoom(op: "GET /ships/{shipId}")
		ships(first: Int = 30, after: String): ShipConnection @zoom(op: "GET /ships", list: "ships")
		voyage(uuid: ID!): Voyage @zoom(op: "GET /voyages/{voyageUUID}")
		tides(from: Date!, to: Date): [Tide!] @zoom(op: "GET /tides", list: "tides")
	}
	type Ship {
		id: ID! name: String flag: String @detail portId: ID @detail
		watches: [Watch!] @detail
		berth: Port @zoom(op: "GET /ports/{portId}", brings: ["id"])
		port: Port @zoom(op: "GET /ports/{portId}")
		crane: Tide @zoom(op: "GET /ports/{portId}/crane")
		voyages: [Voyage!] @zoom(op: "GET /ships/{shipId}/voyages", list: "voyages")
		logs(first: Int = 30, after: String, from: Date, to: Date): TideConnection @zoom(op: "GET /ships/{shipId}/logs", list: "logs")
		hands(first: Int = 30, after: String): HandConnection @zoom(op: "GET /ships/{shipId}/hands", list: "hands")
		report: Hand @zoom(op: "GET /ships/{shipId}/report")
	}
	type Port { id: ID! name: String crane: Tide @zoom(op: "GET /ports/{portId}/crane") }
	type Voyage { uuid: ID! id: ID cargo: String @detail tides: [Tide!] @zoom(op: "GET /voyages/{voyageUUID}/tides", list: "tides") }
	type Watch { place: String leader: Ship @zoom(op: "GET /ships/{shipId}", brings: ["id", "name"]) }
	type Tide { height: Int }
	type Hand { shipId: ID name: String ship: Ship @zoom(op: "GET /ships/{shipId}") }
	type ShipConnection { nodes: [Ship!]! }
	type TideConnection { nodes: [Tide!]! }
	type HandConnection { nodes: [Hand!]! from: String }`

const readsFacts = `
- chapter: All
  operations:
    - {op: "GET /ships/{shipId}", id: ship}
    - {op: GET /ships, id: ships, query: [page_size, next_page_token], page: {max: 10}}
    - {op: "GET /voyages/{voyageUUID}", id: voyage}
    - {op: GET /tides, id: tides, query: [from, to], window: {of: week}}
    - {op: "GET /ports/{portId}", id: port}
    - {op: "GET /ports/{portId}/crane", id: crane}
    - {op: "GET /ships/{shipId}/voyages", id: voyages}
    - {op: "GET /ships/{shipId}/logs", id: logs, query: [from, to, page_size, next_page_token], page: {max: 100}, window: {of: month}}
    - {op: "GET /ships/{shipId}/hands", id: hands, query: [page_size, page_number], page: {max: 25}}
    - {op: "GET /ships/{shipId}/report", id: report}
    - {op: "GET /voyages/{voyageUUID}/tides", id: voyageTides}
`

func readsProgram(t *testing.T) *program.Program {
	t.Helper()
	facts, err := program.ParseFacts([]byte(readsFacts))
	if err != nil {
		t.Fatal(err)
	}
	p, err := program.New(gqlparser.MustLoadSchema(&ast.Source{Input: readsSchema}), facts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestReads prices reads of all forms. Each case's price is written as TestOf writes it.
func TestReads(t *testing.T) {
	t.Parallel()
	p := readsProgram(t)
	for _, test := range []struct {
		name, query string
		variables   map[string]any
		want        string
	}{
		{"pages of ten", `{ ships(first: 30) { nodes { id name } } }`, nil, "3 ships"},
		{"pages of 25", `{ ship(id: "x") { hands(first: 26) { nodes { name } from } } }`, nil, "2 hands"},
		{"rows are all there", `{ ship(id: "x") { hands(first: 5) { nodes { name shipId } } } }`, nil, "1 hands"},
		{"what rows lead to", `{ ship(id: "x") { hands(first: 5) { nodes { ship { id } b: ship { name } } } } }`, nil, "1 hands, 5 ship"},
		{"a row read alone", `{ ship(id: "x") { report { name ship { id } } } }`, nil, "1 report"},
		{"and what it leads to", `{ ship(id: "x") { report { ship { name } } } }`, nil, "1 report, 1 ship"},
		{"a row of which nothing is asked", `{ ship(id: "x") { report { __typename } } }`, nil, ""},
		{"things that are listed whole", `{ ship(id: "x") { voyages { uuid id cargo } } }`, nil, "10 voyage, 1 voyages"},
		{"and what hangs on them", `{ ship(id: "x") { voyages { uuid tides { height } } } }`, nil, "10 voyageTides, 1 voyages"},
		{"a key that is given", `{ voyage(uuid: "v") { uuid tides { height } } }`, nil, "1 voyageTides"},
		{"an id that is no key", `{ voyage(uuid: "v") { id } }`, nil, "1 voyage"},
		{"a field that gives a path", `{ ship(id: "x") { crane { height } } }`, nil, "1 crane, 1 ship"},
		{"of things of a list that lacks it", `{ ships(first: 2) { nodes { crane { height } port { id crane { height } } } } }`, nil, "4 crane, 2 ship, 1 ships"},
		{"parts of details", `{ ship(id: "x") { watches { place } } }`, nil, "1 ship"},
		{"things in parts, some of which is there", `{ ships(first: 2) { nodes { watches { leader { id name } } } } }`, nil, "2 ship, 1 ships"},
		{"and what is not", `{ ship(id: "x") { watches { leader { flag } } } }`, nil, "11 ship"},
		{"a thing within another", `{ ships(first: 2) { nodes { berth { id crane { height } } } } }`, nil, "2 crane, 1 ships"},
		{"and its details", `{ ships(first: 2) { nodes { berth { name } } } }`, nil, "2 port, 1 ships"},
		{"a month", `{ ship(id: "x") { logs(from: "2026-10-01", to: "2026-10-31") { nodes { height } } } }`, nil, "1 logs"},
		{"three months", `{ ship(id: "x") { logs(from: "2026-09-01", to: "2026-11-15") { nodes { height } } } }`, nil, "3 logs"},
		{"three months of many rows", `{ ship(id: "x") { logs(first: 250, from: "2026-09-01", to: "2026-11-15") { nodes { height } } } }`, nil, "5 logs"},
		{"no time", `{ ship(id: "x") { logs { nodes { height } } } }`, nil, "1 logs"},
		{"a time that is given", `query ($f: Date!) { tides(from: $f, to: "2026-11-15") { height } }`, map[string]any{"f": "2026-11-01"}, "3 tides"},
		{"a time that is given later", `query ($f: Date!) { tides(from: $f, to: "2026-11-15") { height } }`, nil, "60 tides"},
		{"a time that is none", `{ tides(from: "soon") { height } }`, nil, "1 tides"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			doc, errs := gqlparser.LoadQueryWithRules(p.Schema, test.query, rules.NewDefaultRules())
			if errs != nil {
				t.Fatal(errs)
			}
			got, err := price.Of(p, nil, doc, doc.Operations[0], test.variables)
			if err != nil {
				t.Fatal(err)
			}
			expect(t, test.want, got)
		})
	}
}

// TestTimesGrow makes sure that a price which hangs on today is not kept.
func TestTimesGrow(t *testing.T) {
	t.Parallel()
	p := readsProgram(t)
	for query, holds := range map[string]bool{
		`{ tides(from: "2026-11-01") { height } }`:                   false,
		`{ tides(from: "2026-11-01", to: "2026-11-15") { height } }`: true,
	} {
		doc, errs := gqlparser.LoadQueryWithRules(p.Schema, query, rules.NewDefaultRules())
		if errs != nil {
			t.Fatal(errs)
		}
		got, err := price.Of(p, nil, doc, doc.Operations[0], nil)
		if err != nil || got.Holds(nil) != holds {
			t.Errorf("%s: holds %v, want %v; %v", query, got.Holds(nil), holds, err)
		}
	}
}

// Package project writes a GraphQL selection straight from Zoom's JSON, and reads GraphQL inputs into it.
//
// A type whose fields need no resolver never becomes Go structs. Its resolver hands over Zoom's bytes, and what the
// client selected is copied out of them leaf by leaf, under the client's aliases and in the client's order:
//
//	p := project.New(schema, guard, files)         // once a schema; guard knows who may see secrets
//
//	func (r *resolver) Profile(ctx context.Context) (*project.Value, error) {
//		return p.Value(func() ([]byte, error) { return r.read(ctx) }, observer), nil
//	}
//
// A [Value] is written when all resolvers are done, so the function that loads it may wait for a batch. The value
// finds the type and the selection of its field in the field context, or in its [Place] where the executor has made that;
// the schema it is executed with must be the one that the [Projector] was made from. An object whose parts come from several answers is made with
// [Projector.Object] from a [Source], which says for each selected field where it is to be found.
//
// What Zoom sent decides what is written:
//
//   - a value of the right kind is copied; an enum value is translated to its name (@wire), a key looked up under
//     Zoom's name of the field (snake case, or @name);
//   - a number or a Boolean in a text is read where the text holds exactly what JSON would have without the quotes, a
//     number where the schema has a text as its digits, and the [Observer] hears of it;
//   - a value of another kind is null, with an error at its own path that names both kinds and never the value;
//   - a JSON null is null, and nothing else happens;
//   - a key that is not there is null, and the [Observer] hears of it: absent is not false;
//   - an enum value that the schema does not know is null, and the Observer hears of it;
//   - where the schema forbids the null, there is an error, and the null moves up to the nearest nullable parent
//     within the value. The value's own field is as far as it gets: gqlgen has settled the fields above by then.
//
// What the schema marks @sensitive is written for those whom the [Guard] lets see it. For others it is null with an
// error, and out of JSON values, which have no types, it is taken by its name; the Observer hears of that.
//
// The address of a file under a field marked @file is not written: what stands there is the URL of this service that
// leads to the file, which a [FileURL] makes.
//
// Only what is selected is looked at, and only once a level. Selections are compiled once a document and kept.
// Planners read the same compiled form, see [Projector.Selection].
//
// The mirror for inputs is [Input], which keeps absent and null apart, and [Projector.Body], which writes one as the
// body of a request to Zoom.
package project

// Package web is the console: a dashboard of an account's settings at /, and GraphiQL at /graphiql. It is written in
// TypeScript (src), built by Vite into dist, and embedded; package edge serves it:
//
//	handler, err := edge.New(edge.Options{…, Console: web.Files()})
//
// dist is built by `make run` and never committed. Where it was not built, for want of Node, [Files] is empty, and edge
// serves a small page of its own that says so.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files are the built pages and what they load: index.html, graphiql.html, and assets, whose names change with what is in
// them. Each is there compressed only, as NAME.gz.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // dist is a valid name
	}
	return files
}

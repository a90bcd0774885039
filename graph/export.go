package graph

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/graph/plan"
	"zoomgraph/internal/rawjson"
)

// SettingsExport reads the same settings of many users, one call a user and view. Its calls are bulk: they have their
// turns when nobody waits for an answer, and it asks Zoom also for what is known. It is safe for concurrent use.
type SettingsExport struct {
	server  *Server
	names   []plan.Name
	columns []Column
}

// Column is one setting of an export.
type Column struct {
	// Title is the shortest text that means this setting and no other: its name, or section.name.
	Title string
	// Section and Name are Zoom's; a view without sections has its own name here.
	Section, Name string
	// Prose says that people write the values freely: they are neither ids, times nor of an enum.
	Prose bool
}

// ExportSettings makes an export of the settings that fields name, as settingsDrift and effectiveSettings understand
// them: by Zoom's name, or by section.name. With an option they are those of that view. It sends nothing. Errors are
// client errors with the code BAD_USER_INPUT.
func (s *Server) ExportSettings(fields []string, option string) (*SettingsExport, error) {
	x := &SettingsExport{server: s}
	var err error
	if x.names, err = exportedNames(fields, option); err != nil {
		return nil, err
	}
	for _, name := range x.names {
		column := Column{Title: name.Name, Section: cmp.Or(name.Section, name.View), Name: name.Name}
		if meant, err := userSettingsTree.Find(name.Name); err != nil || !slices.Equal(meant, []plan.Name{name}) {
			column.Title = wanted{name: name}.path()
		}
		column.Prose = s.isProse(column)
		x.columns = append(x.columns, column)
	}
	return x, nil
}

// isProse tells whether the texts of a setting are anything but ids, times and values of an enum.
func (s *Server) isProse(column Column) bool {
	section, _ := userSettingsTree.SectionOf(column.Section)
	types := s.Schema().Types
	in := types["UserSettings"].Fields.ForName(section.Field)
	if in == nil {
		return true
	}
	for _, field := range types[in.Type.Name()].Fields {
		if s.project.ZoomName(field) == column.Name {
			of := field.Type.Name()
			return types[of].Kind != ast.Enum && !slices.Contains([]string{"ID", "DateTime"}, of)
		}
	}
	return true
}

// exportedNames finds the settings; where a view is asked for, a bare name is the one of that view.
func exportedNames(fields []string, option string) ([]plan.Name, error) {
	if option == "" {
		return namesOf(fields)
	}
	qualified := slices.Clone(fields)
	for i, field := range fields {
		if name, ok := userSettingsTree.NameOf(option, field); ok {
			qualified[i] = wanted{name: name}.path()
		}
	}
	names, err := namesOf(qualified)
	for _, name := range names {
		if name.View != option {
			return nil, &client.Error{
				Code: client.CodeBadUserInput, Message: fmt.Sprintf("fields: %q is not in the view %s", name.Name, option),
				Hint: "leave the option out to find settings in whichever view has them",
			}
		}
	}
	return names, err
}

// Columns are the settings in the order of the fields; each stands there once.
func (x *SettingsExport) Columns() []Column { return slices.Clone(x.columns) }

// ExportedUser is a user as the list brings them.
type ExportedUser struct{ ID, Email string }

// ExportPage is a part of the list of users.
type ExportPage struct {
	Users []ExportedUser // at most 300; nobody twice over the pages of an export
	Total int            // of the whole list; -1 where Zoom does not tell
}

// usersKey is where the list of users stands in an answer.
const usersKey = "users"

// ExportList is a list of users under way. It is not safe for concurrent use.
type ExportList struct {
	export *SettingsExport
	query  url.Values
	walk   *client.Walk
}

// Users begins a list of the users of a status, as Zoom writes it. It sends nothing.
func (x *SettingsExport) Users(status string) *ExportList {
	query := x.server.mostOf(&opUsers)
	query.Set("status", status)
	return &ExportList{export: x, query: query, walk: client.NewWalk(&opUsers, usersKey, client.Start{})}
}

// Next reads the next page; more tells whether there is one behind it. After an error of a call it may be called again.
// CURSOR_EXPIRED says that the list must be started again. With the cause client.ErrEndless the list is over: the page
// holds what it still brought.
func (l *ExportList) Next(ctx context.Context) (page ExportPage, more bool, err error) {
	ctx, session, err := l.export.session(ctx)
	if err != nil {
		return ExportPage{}, false, err
	}
	defer session.Close()
	body, err := session.Await(true, session.Gather(ctx, &opUsers, nil, l.query))
	if err != nil {
		return ExportPage{}, false, err
	}
	users, _ := client.List(body, usersKey)
	for user := range rawjson.Elements(users) {
		if client.ItemKey(user) == "" {
			return ExportPage{}, false, &client.Error{Code: client.CodeUpstreamInvalidResponse, Op: &opUsers, Message: "Zoom's list holds a user with neither an id nor an e-mail address"}
		}
	}
	read, err := l.walk.Read(body)
	if err == nil {
		l.query.Set("next_page_token", read.Next)
	}
	return exportPage(read), read.Next != "", err
}

func exportPage(read client.Page) ExportPage {
	page := ExportPage{Users: make([]ExportedUser, len(read.Items)), Total: read.Total}
	for i, item := range read.Items {
		email, _ := rawjson.Member(item, "email")
		page.Users[i] = ExportedUser{ID: client.ItemKey(item), Email: client.IDOf(email)}
	}
	return page
}

// Settings reads the settings of one user: the JSON of each column, nil where Zoom sent none.
func (x *SettingsExport) Settings(ctx context.Context, userID string) ([]json.RawMessage, error) {
	ctx, session, err := x.session(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	own := gather(ctx, session, userSettingsTree, &opUserSettings, userID, x.names)
	session.Settle()
	values := make([]json.RawMessage, len(x.names))
	for i, name := range x.names {
		value, err := own.sent(name)
		if err != nil {
			return nil, err
		}
		values[i] = x.server.settingAt(name).Typed(value)
	}
	return values, nil
}

func (x *SettingsExport) session(ctx context.Context) (context.Context, *load.Session, error) {
	asked, err := x.server.forCaller(ctx, ast.Query)
	if err != nil {
		return nil, nil, err
	}
	session := load.NewSession(asked, asked.principal.upstream, 1)
	session.Lane, session.Since = client.Bulk, time.Now()
	return asked, session, nil
}

package graph

import (
	"slices"

	"zoomgraph/graph/project"
	"zoomgraph/internal/rawjson"
)

// This file compares lists of actions with what is stored after them: what is written of the play lists of a screen are not
// lists to have, but what to add, to change and to delete. Start reading at done.

// Zoom's names in an action of a list.
const (
	actionName = "action"
	actionID   = "id"
	actionGone = `"delete"`
	actionNew  = `"add"`
)

// isActions tells whether the values of a type are lists of actions: of objects that say what to do with them.
func isActions(at project.Type) bool { return at.IsList() && at.Field(actionName).Known() }

// done tells whether actions on a list are done: what was to go is gone, and of all else there is something that has
// what was said of it, by the type of the actions.
func done(at project.Type, actions, stored []byte) bool {
	if len(actions) == 0 || actions[0] != '[' {
		return at.Same(actions, stored)
	}
	for action := range rawjson.Elements(actions) {
		do, _ := rawjson.Member(action, actionName)
		is := slices.ContainsFunc(elementsOf(stored), func(elem []byte) bool { return fitsAction(at, action, elem) })
		if is == (string(do) == actionGone) {
			return false
		}
	}
	return true
}

// fitsAction tells whether an element of the stored list is the one that an action names, and has what the action says.
func fitsAction(at project.Type, action, elem []byte) bool {
	do, _ := rawjson.Member(action, actionName)
	for name, wanted := range rawjson.Members(action) {
		has, _ := rawjson.Member(elem, name)
		switch of := at.Field(name); {
		case name == actionName:
		case name == actionID && string(do) == actionNew: // Zoom gives it another one
		case name == actionID:
			if !of.Same(wanted, has) {
				return false
			}
		case string(do) == actionGone: // whatever else was said of it
		case isActions(of) && !done(of, wanted, has), !isActions(of) && !of.Same(wanted, has):
			return false
		}
	}
	return true
}

// elementsOf are the elements of a list. What is no list has none.
func elementsOf(list []byte) (all [][]byte) {
	if len(list) == 0 || list[0] != '[' {
		return nil
	}
	for elem := range rawjson.Elements(list) {
		all = append(all, elem)
	}
	return all
}

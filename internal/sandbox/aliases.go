package sandbox

import "zoomgraph/internal/sandbox/zoom"

// What settings are answered by, see package zoom.
type (
	FieldFilter = zoom.FieldFilter
	GroupModel  = zoom.GroupModel
	GroupRank   = zoom.GroupRank
	Rules       = zoom.Rules
	GroupSays   = zoom.GroupSays
	Holding     = zoom.Holding
)

// The ways to understand custom_query_fields, and the models of groups.
const (
	FilterLeaf     = zoom.FilterLeaf
	FilterSections = zoom.FilterSections
	FilterBoth     = zoom.FilterBoth
	FilterIgnored  = zoom.FilterIgnored
	FilterEmpty    = zoom.FilterEmpty
	ModelLegacy    = zoom.ModelLegacy
	ModelRanked    = zoom.ModelRanked
)

// LockedSettings returns the settings that the account locks at the start.
func LockedSettings() []string { return zoom.LockedSettings() }

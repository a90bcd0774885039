package sandbox

import "zoomgraph/internal/sandbox/zoom"

type (
	// FieldFilter is that of package zoom.
	FieldFilter = zoom.FieldFilter
	// GroupModel is that of package zoom.
	GroupModel = zoom.GroupModel
	// GroupRank is that of package zoom.
	GroupRank = zoom.GroupRank
	// Rules are those of package zoom.
	Rules = zoom.Rules
	// GroupSays is that of package zoom.
	GroupSays = zoom.GroupSays
	// Holding is that of package zoom.
	Holding = zoom.Holding
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

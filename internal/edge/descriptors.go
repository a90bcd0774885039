package edge

const (
	mostConnections = 2048 // where the limit of descriptors allows it: each takes some memory, too
	fewConnections  = 512  // fewer are told at the start
	spare           = 64   // descriptors for the log, listeners, spooled files, Redis and what else a process has open
)

// AdminConnections is how many connections the listener of the metrics has at most.
const AdminConnections = 64

// MaxConnections is how many connections the service may accept: as many as are asked for, or 2,048 if that is zero, but not
// more than the limit of descriptors leaves beside those that are needed for others, such as calls to Zoom. A half of the
// descriptors is always for connections. Low reports that the limit leaves fewer than are asked for, or than is usual.
func MaxConnections(asked, others int) (most int, low bool) {
	return within(asked, others, descriptors())
}

// within is MaxConnections at a limit of descriptors; 0: there is none.
func within(asked, others, limit int) (most int, low bool) {
	most, wanted := mostConnections, fewConnections
	if asked > 0 {
		most, wanted = asked, asked
	}
	if limit > 0 {
		most = max(min(most, max(limit/2, limit-others-AdminConnections-spare)), 1)
	}
	return most, most < wanted
}

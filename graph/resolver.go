package graph

import (
	"zoomgraph/client"
	"zoomgraph/graph/exec"
	"zoomgraph/graph/program"
)

// resolvers is everything special: the types that have methods by hand, which refine the generated operations of a type
// (users.go, groups.go, effective.go, drift.go, recordings.go, reports.go, rooms.go, chat.go, subaccounts.go). All others are plain.
type resolvers struct{ plain }

func (r *resolvers) Query() exec.QueryResolver       { return queryResolver{queryOps{r.Server}} }
func (r *resolvers) Mutation() exec.MutationResolver { return mutationResolver{mutationOps{r.Server}} }
func (r *resolvers) User() exec.UserResolver         { return userResolver{userOps{r.Server}} }
func (r *resolvers) Account() exec.AccountResolver   { return accountResolver{accountOps{r.Server}} }

func (r *resolvers) Meeting() exec.MeetingResolver { return meetingResolver{meetingOps{r.Server}} }

func (r *resolvers) Room() exec.RoomResolver { return roomResolver{roomOps{r.Server}} }

func (r *resolvers) CloudRecording() exec.CloudRecordingResolver {
	return cloudRecordingResolver{cloudRecordingOps{r.Server}}
}

func (r *resolvers) ArchivedMeeting() exec.ArchivedMeetingResolver {
	return archivedMeetingResolver{archivedMeetingOps{r.Server}}
}

func (r *resolvers) MeetingReport() exec.MeetingReportResolver {
	return meetingReportResolver{meetingReportOps{r.Server}}
}

func (r *resolvers) TelephoneUsage() exec.TelephoneUsageResolver {
	return telephoneUsageResolver{telephoneUsageOps{r.Server}}
}

func (r *resolvers) ReportParticipant() exec.ReportParticipantResolver {
	return reportParticipantResolver{r.Server}
}

type (
	queryResolver    struct{ queryOps }
	mutationResolver struct{ mutationOps }
	userResolver     struct{ userOps }
	accountResolver  struct{ accountOps }
	meetingResolver  struct{ meetingOps }
	roomResolver     struct{ roomOps }

	cloudRecordingResolver  struct{ cloudRecordingOps }
	archivedMeetingResolver struct{ archivedMeetingOps }

	meetingReportResolver     struct{ meetingReportOps }
	telephoneUsageResolver    struct{ telephoneUsageOps }
	reportParticipantResolver struct{ *Server }
)

// as gives what was found its type in the schema, unless it failed.
func as[V, T any](wrap func(V) *T) func(V, error) (*T, error) {
	return func(found V, err error) (*T, error) {
		if err != nil {
			return nil, err
		}
		return wrap(found), nil
	}
}

// zoomOp is one of Zoom's operations, as it is known.
func zoomOp(op string) client.Op { return opOf(program.Fact(op)) }

func opOf(fact *program.Operation) client.Op {
	op := client.Op{ID: fact.ID, Label: client.Label(fact.Limit), Scopes: fact.Scopes, GranularScopes: fact.Granular, Subs: fact.Subs}
	op.OfApp = fact.Token == program.AppToken
	if op.Method, op.Path = fact.Today(); fact.Now != "" {
		op.Old = &client.Old{Method: fact.Method, Path: fact.Path, Keys: fact.Renamed}
	} else {
		op.Renamed = fact.Renamed
	}
	if below := fact.InSubAccount(); below != nil {
		op.Below = &client.Op{ID: below.ID, Method: below.Method, Path: below.Path, Label: op.Label, Scopes: below.Scopes, GranularScopes: below.Granular}
	}
	return op
}

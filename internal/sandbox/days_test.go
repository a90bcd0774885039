package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

// Who asks a list for no time gets what Zoom takes in that case, however long the months are: never a refusal because that is
// longer than one call may ask for.
func TestListsOfNoTimeInEveryMonth(t *testing.T) {
	t.Parallel()
	p := programtest.Of(t)
	var lists []*program.Operation
	for _, chapter := range p.Chapters {
		for _, op := range chapter.Operations {
			if op.Window != nil && op.Reads() && (len(op.Params) == 0 || len(op.Params) == 1 && (op.Below("userId") || op.Below("accountId"))) {
				lists = append(lists, op)
			}
		}
	}
	if len(lists) < 15 {
		t.Fatalf("%d lists", len(lists))
	}
	begin := time.Date(2028, 1, 1, 12, 0, 0, 0, time.UTC) // a leap year
	now := begin
	zoom, err := sandbox.New(sandbox.Options{Program: p, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	call := func(method, path string, sets func(r *http.Request)) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
		sets(r)
		w := httptest.NewRecorder()
		zoom.ServeHTTP(w, r)
		return w
	}
	of := strings.NewReplacer("{userId}", zoom.Users()[0].ID, "{accountId}", "me")
	asked := 0
	for ; now.Before(begin.AddDate(1, 0, 0)); now = now.AddDate(0, 0, 1) {
		if first, last := now.Day() == 1, now.AddDate(0, 0, 1).Day() == 1; !first && !last {
			continue
		}
		minted := call(http.MethodPost, "/oauth/token?grant_type=account_credentials&account_id=a", func(r *http.Request) { r.SetBasicAuth("id", "secret") })
		var token struct {
			Value string `json:"access_token"`
		}
		if err := json.Unmarshal(minted.Body.Bytes(), &token); err != nil {
			t.Fatal(err)
		}
		lists = slices.DeleteFunc(lists, func(op *program.Operation) bool {
			answer := call(http.MethodGet, "/v2"+of.Replace(op.Path), func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token.Value) })
			if strings.Contains(answer.Body.String(), "from is required") {
				return true
			}
			asked++
			if answer.Code != http.StatusOK {
				t.Errorf("%s: %s: %d %s", now.Format(time.DateOnly), op.Op, answer.Code, answer.Body)
			}
			return answer.Code != http.StatusOK
		})
	}
	if asked < 8*24 {
		t.Errorf("only %d lists were asked for", asked)
	}
}

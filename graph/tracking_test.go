package graph_test

import (
	"testing"

	"zoomgraph/internal/sandbox"
)

// trackingStory is that of a tracking field: made, changed, read back, deleted.
func trackingStory() []step {
	return []step{
		{"Mutation.createTrackingField", `mutation { createTrackingField(input: {field: "Cost centre", recommendedValues: ["Fossils", "Rocks"]}) { trackingField { id field recommendedValues required } } }`, []string{"POST /tracking_fields", "GET /tracking_fields/{trackingField}"}, `"field":"Cost centre","recommendedValues":["Fossils","Rocks"],"required":false`},
		{"Query.trackingFields", `{ trackingFields { id field visible } }`, []string{"GET /tracking_fields"}, `{"id":"{trackingField}","field":"Cost centre","visible":false}`},
		{"Mutation.updateTrackingField", `mutation { updateTrackingField(id: "{trackingField}", input: {required: true, visible: true, recommendedValues: ["Fossils"]}) { trackingField { id field recommendedValues required visible } } }`, []string{"PATCH /tracking_fields/{trackingField}", "GET /tracking_fields/{trackingField}"}, `"field":"Cost centre","recommendedValues":["Fossils"],"required":true,"visible":true`},
		{"Query.trackingField", `{ trackingField(id: "{trackingField}") { field required } }`, []string{"GET /tracking_fields/{trackingField}"}, `"field":"Cost centre","required":true`},
		{"Mutation.deleteTrackingField", `mutation { deleteTrackingField(id: "{trackingField}") { fieldId } }`, []string{"DELETE /tracking_fields/{trackingField}"}, `"fieldId":"{trackingField}"`},
	}
}

// What is deleted is gone, and Zoom says so by a code of its own.
func TestTrackingFieldGone(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	id, _ := s.must(`{ trackingFields { id field } }`).at("trackingFields", 0, "id").(string)
	s.must(`{ trackingField(id: "` + id + `") { field } }`)
	s.must(`mutation { deleteTrackingField(id: "` + id + `") { fieldId } }`)
	s.wantErrors(s.ask(`{ trackingField(id: "`+id+`") { field } }`, nil), "NOT_FOUND at trackingField.field")
	if left, _ := s.must(`{ trackingFields { id } }`).at("trackingFields").([]any); len(left) != 2 {
		t.Errorf("%d tracking fields are left of three", len(left))
	}
}

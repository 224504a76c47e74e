package honeyhivetest

import (
	"net/http"
	"strings"
)

// searchEvents finds sessions by exact values of their fields. HoneyHive has
// more operators and finds other events too.
func (b *Backend) searchEvents(w http.ResponseWriter, _ *http.Request, body map[string]any) {
	limit, page := 1000, 1
	if n, ok := body["limit"].(float64); ok && n >= 1 {
		limit = int(n)
	}
	if n, ok := body["page"].(float64); ok && n >= 1 {
		page = int(n)
	}
	if limit > 7500 {
		refuse(w, http.StatusBadRequest, "limit %d exceeds 7500", limit)
		return
	}
	filters, _ := body["filters"].([]any)
	found := []map[string]any{}
	for _, s := range b.sessions {
		ok := true
		for _, f := range filters {
			filter, _ := f.(map[string]any)
			if text(filter, "operator") != "is" {
				refuse(w, http.StatusBadRequest, "honeyhivetest knows the operator is, not %q", text(filter, "operator"))
				return
			}
			ok = ok && s.field(text(filter, "field")) == filter["value"]
		}
		if ok {
			found = append(found, map[string]any{
				"event_id": s.ID, "session_id": s.ID, "event_type": "session", "event_name": s.Name,
				"source": s.Source, "inputs": s.Inputs, "outputs": s.Outputs, "config": s.Config,
				"metadata": s.Metadata, "metrics": s.Metrics, "feedback": s.Feedback,
				"user_properties": s.UserProperties,
			})
		}
	}
	total := len(found)
	found = found[min((page-1)*limit, total):min(page*limit, total)]
	reply(w, http.StatusOK, map[string]any{"events": found, "totalEvents": total})
}

// field returns a session's field by its dotted path.
func (s *Session) field(path string) any {
	switch path {
	case "event_type":
		return "session"
	case "session_id", "event_id":
		return s.ID
	case "event_name":
		return s.Name
	}
	if key, ok := strings.CutPrefix(path, "metadata."); ok {
		return s.Metadata[key]
	}
	return nil
}

package honeyhive

import (
	"slices"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// beside is what is recorded on a span and is not among the attributes of
// OpenTelemetry's span, which are limited in number: the exporter adds it.
type beside struct {
	mu    sync.Mutex
	attrs []attribute.KeyValue
	// record is that of the case whose root the span is, for a trace file.
	record string
}

// maxBeside bounds the attributes beside a span.
const maxBeside = 1024

// truncatedKey says how many values the last call left out that had to leave
// some out.
const truncatedKey = attribute.Key("honeyhive_truncated")

// record sets what f holds on s, and reports whether all of it was taken. What
// the span has no room for goes beside it.
func (s *span) record(f *flattener) bool {
	ro, ok := s.Span.(sdktrace.ReadOnlySpan)
	if !ok || !s.IsRecording() {
		return false
	}
	lost := f.leftOut
	s.tracer.truncated.Add(uint64(f.truncated))
	before := ro.DroppedAttributes()
	s.SetAttributes(f.attrs...)
	if ro.DroppedAttributes() > before {
		lost += s.beside.add(dropped(ro.Attributes(), f.attrs))
	} else {
		s.beside.replace(f.attrs)
	}
	if lost > 0 {
		s.beside.add([]attribute.KeyValue{truncatedKey.Int(lost)})
		s.tracer.truncated.Add(uint64(lost))
	}
	return lost == 0
}

// dropped returns those of attrs that are not on a span.
func dropped(own, attrs []attribute.KeyValue) []attribute.KeyValue {
	on := make(map[attribute.Key]bool, len(own))
	for _, kv := range own {
		on[kv.Key] = true
	}
	return slices.DeleteFunc(slices.Clone(attrs), func(kv attribute.KeyValue) bool { return on[kv.Key] })
}

// add keeps attrs, and returns how many there is no room for.
func (b *beside) add(attrs []attribute.KeyValue) (lost int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	have := make(map[attribute.Key]int, len(b.attrs))
	for i, kv := range b.attrs {
		have[kv.Key] = i
	}
	for _, kv := range attrs {
		if i, ok := have[kv.Key]; ok {
			b.attrs[i] = kv
			continue
		}
		if kv.Key != truncatedKey && (len(b.attrs) >= maxBeside || !matters(kv.Key)) {
			lost++
			continue
		}
		have[kv.Key] = len(b.attrs)
		b.attrs = append(b.attrs, kv)
	}
	return lost
}

// replace updates what is kept already.
func (b *beside) replace(attrs []attribute.KeyValue) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.attrs {
		for _, kv := range attrs {
			if kv.Key == b.attrs[i].Key {
				b.attrs[i] = kv
			}
		}
	}
}

// matters reports whether an attribute is what a span was recorded for.
func matters(key attribute.Key) bool {
	switch key {
	case errorKey, errorTypeKey, eventTypeKey, eventNameKey, durationKey:
		return true
	}
	for _, prefix := range []string{outputsPrefix, metricsPrefix, metadataPrefix + ".evaluator_errors", metadataPrefix + ".interrupted"} {
		if strings.HasPrefix(string(key), prefix) {
			return true
		}
	}
	return false
}

// appendTo appends to the attributes of a span those that it has no room for.
func (b *beside) appendTo(attrs []attribute.KeyValue, redact Redactor) []attribute.KeyValue {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.attrs) == 0 {
		return attrs
	}
	later := make(map[attribute.Key]bool, len(b.attrs))
	for _, kv := range b.attrs {
		later[kv.Key] = true
	}
	kept := attrs[:0]
	for _, kv := range attrs {
		if !later[kv.Key] {
			kept = append(kept, kv)
		}
	}
	return appendClean(kept, b.attrs, redact)
}

func (b *beside) setCase(record string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.record = record
}

func (b *beside) caseRecord() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.record
}

// caseView is the root span of a case as it is written to a trace file.
type caseView struct {
	sdktrace.ReadOnlySpan
	record string
}

func (v caseView) Attributes() []attribute.KeyValue {
	own := v.ReadOnlySpan.Attributes()
	return append(own[:len(own):len(own)], attribute.String(spanRecordKey, v.record))
}

// withCases returns spans with the records of cases.
func withCases(spans []sdktrace.ReadOnlySpan) []sdktrace.ReadOnlySpan {
	var out []sdktrace.ReadOnlySpan
	for i, s := range spans {
		v, ok := s.(*view)
		if !ok {
			continue
		}
		if record := v.span.beside.caseRecord(); record != "" {
			if out == nil {
				out = append(out, spans...)
			}
			out[i] = caseView{s, record}
		}
	}
	if out == nil {
		return spans
	}
	return out
}

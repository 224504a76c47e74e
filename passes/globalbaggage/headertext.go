package globalbaggage

import (
	"strings"
)

// keysOf returns the texts in v that become keys.
func (f flow) keysOf(v value) [][]seg {
	if !f.Text {
		segs := v.segs
		if f.Prefix != "" {
			segs = joinSegs(textSegs(f.Prefix), segs)
		}
		if f.Suffix != "" {
			segs = joinSegs(segs, textSegs(f.Suffix))
		}
		return [][]seg{segs}
	}
	return headerKeys(v.segs)
}

// headerKeys splits text in the form of a baggage header into the keys of its
// members. A member that is nothing but a reference stands for more such text.
func headerKeys(segs []seg) [][]seg {
	var (
		out     [][]seg
		key     []seg
		inValue bool
	)
	for _, s := range segs {
		if s.ref != nil || s.text == "" {
			if !inValue {
				key = append(key, s)
			}
			continue
		}
		for i, item := range strings.Split(s.text, ",") {
			if i > 0 {
				out, key, inValue = appendKey(out, key, inValue), nil, false
			}
			if inValue {
				continue
			}
			name, _, found := strings.Cut(item, "=")
			if name = strings.TrimSpace(name); name != "" {
				key = append(key, seg{text: name})
			}
			if found {
				out, key, inValue = append(out, key), nil, true
			}
		}
	}
	return appendKey(out, key, inValue)
}

// appendKey keeps what may be a list of members in itself.
func appendKey(out [][]seg, key []seg, inValue bool) [][]seg {
	if !inValue && len(key) == 1 && key[0].ref != nil {
		return append(out, []seg{key[0], {text: "="}})
	}
	return out
}

package honeyhive

import "go.opentelemetry.io/otel/attribute"

// tree returns values as JSON can carry them: walked by the same rules and
// within the same limits as span attributes, every leaf redacted under the
// key that it would have on a span.
func (t *Tracer) tree(prefix string, values map[string]any) map[string]any {
	if len(values) == 0 {
		return nil
	}
	f := newFlattener(&t.keys)
	defer f.release()
	f.tree = &treeBuilder{redact: t.redact, limit: maxVisits}
	f.tree.push("")
	f.tree.container(false)
	f.path = append(f.path[:0], prefix...)
	f.stringMap(values)
	m, _ := f.tree.stack[0].value().(map[string]any)
	return m
}

// treeBuilder puts the leaves of a walk back into maps and lists.
type treeBuilder struct {
	redact Redactor
	stack  []treeNode
	leaves int
	limit  int // of leaves
}

// treeNode is a value under construction: a leaf, a map or a list.
type treeNode struct {
	key    string
	leaf   any
	object map[string]any
	list   []any
	isList bool
}

func (n *treeNode) value() any {
	switch {
	case n.object != nil:
		return n.object
	case n.isList:
		return n.list
	}
	return n.leaf
}

func (b *treeBuilder) push(key string) { b.stack = append(b.stack, treeNode{key: key}) }

func (b *treeBuilder) pop() {
	child := b.stack[len(b.stack)-1]
	b.stack = b.stack[:len(b.stack)-1]
	parent := &b.stack[len(b.stack)-1]
	v := child.value()
	switch {
	case parent.isList:
		parent.list = append(parent.list, v) // nil keeps the place
	case v != nil && parent.object != nil:
		parent.object[child.key] = v
	}
}

func (b *treeBuilder) container(list bool) {
	top := &b.stack[len(b.stack)-1]
	if top.isList = list; list {
		top.list = []any{}
	} else {
		top.object = make(map[string]any)
	}
}

func (b *treeBuilder) leaf(path string, v attribute.Value) {
	b.leaves++
	if v, ok := b.redact.value(path, v); ok {
		b.stack[len(b.stack)-1].leaf = v.AsInterface()
	}
}

package honeyhive

import (
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
)

// keyCache keeps the attribute keys that a tracer has used, so that the same
// enrichment does not build the same strings for every span. Reads take no
// lock. It stops growing at keyCacheSize.
type keyCache struct {
	known atomic.Pointer[map[string]attribute.Key]
	mu    sync.Mutex
}

const (
	keyCacheSize    = 512
	keyCacheLongest = 128
)

func (c *keyCache) key(path []byte) attribute.Key {
	known := c.known.Load()
	if known != nil {
		if k, ok := (*known)[string(path)]; ok {
			return k
		}
	}
	k := attribute.Key(valid(string(path)))
	if (known == nil || len(*known) < keyCacheSize) && len(path) <= keyCacheLongest {
		c.add(k)
	}
	return k
}

func (c *keyCache) add(k attribute.Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	grown := make(map[string]attribute.Key)
	if known := c.known.Load(); known != nil {
		if len(*known) >= keyCacheSize {
			return
		}
		for s, k := range *known {
			grown[s] = k
		}
	}
	grown[string(k)] = k
	c.known.Store(&grown)
}

package covers

func leak(...any) int { return 0 }

func sameLine() {
	leak() //hhvet:ignore globalbaggage tested
	leak() // want `leak`
}

func lineAbove() {
	//hhvet:ignore globalbaggage tested
	leak()
	leak() // want `leak`
}

func aboveWithOthers() {
	// A comment, and another analyzer's directive, may stand between.
	//hhvet:ignore globalbaggage tested
	//hhvet:ignore deprecatedenrich tested
	// why so
	leak()
}

func wholeStatement() {
	//hhvet:ignore globalbaggage tested
	_ = []int{
		leak(),
		leak(
			leak(),
		),
	}
	_ = []int{ //hhvet:ignore globalbaggage tested
		leak(),
	}
	_ = []int{
		leak(), //hhvet:ignore globalbaggage tested
		leak(), // want `leak`
	}
}

func notTheBody() {
	//hhvet:ignore globalbaggage tested
	if leak() == 0 {
		leak() // want `leak`
	} else if leak() == 1 {
		leak() // want `leak`
	}
	//hhvet:ignore globalbaggage tested
	for range leak() {
		leak() // want `leak`
	}
	//hhvet:ignore globalbaggage tested
	switch leak() {
	case leak(): // want `leak`
	//hhvet:ignore globalbaggage tested
	case 1 +
		leak():
		leak() // want `leak`
	}
	//hhvet:ignore globalbaggage tested
	go func(int) {
		leak() // want `leak`
	}(
		leak(),
	)
}

//hhvet:ignore globalbaggage tested
var table = map[string]int{
	"a": leak(),
	"b": func() int {
		return leak() // want `leak`
	}(),
}

var (
	//hhvet:ignore globalbaggage tested
	one = [...]int{
		leak(),
	}
	two = leak() // want `leak`
)

/* A comment before it. */
var three = leak() //hhvet:ignore globalbaggage tested

//hhvet:ignore globalbaggage covers the signature alone // want `silences nothing`
func signature(x [2]int) int {
	return leak() // want `leak`
}

//hhvet:ignore deprecatedenrich of another analyzer
var other = leak() // want `leak`

func closing() {
	_ = []int{
		0,
	} //hhvet:ignore globalbaggage on the bracket's line // want `silences nothing`
	leak() // want `leak`
}

func last() {
	leak() // want `leak`
	//hhvet:ignore globalbaggage nothing follows // want `silences nothing`
}

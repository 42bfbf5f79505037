package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// errTooLong ends a reader whose time is over, errTooMuch one that says too much.
var (
	errTooLong = errors.New("time is over")
	errTooMuch = errors.New("too much output")
)

// limits of one process.
type limits struct {
	memory int64 // of address space; 0 for none
	cpu    time.Duration
	output int
}

// head keeps the first bytes of an output. full is called when there are more.
type head struct {
	kept bytes.Buffer
	left int
	full func()
}

func (h *head) Write(b []byte) (int, error) {
	if len(b) > h.left {
		h.full()
	}
	n := min(len(b), h.left)
	h.left -= n
	h.kept.Write(b[:n])
	return len(b), nil
}

// limited sets limits that the kernel holds, where the shell can, and becomes the program.
const limited = `ulimit -v "$1" 2>/dev/null; ulimit -t "$2" 2>/dev/null; ulimit -c 0 2>/dev/null; shift 2; exec "$@"`

// run starts a program that is not to be trusted with its input. It returns what was
// written within the limits; too much output alone is no error.
func run(ctx context.Context, l limits, stdin []byte, env []string, argv ...string) (stdout []byte, stderr string, err error) {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	if sh, err := exec.LookPath("sh"); err == nil {
		memory := "unlimited"
		if l.memory > 0 {
			memory = strconv.FormatInt(l.memory>>10, 10)
		}
		argv = append([]string{sh, "-c", limited, "sh", memory, strconv.Itoa(max(1, int(l.cpu.Seconds())))}, argv...)
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	// Nothing of the hub's own environment, which may hold keys, is for such a program.
	cmd.Env = append([]string{"LC_ALL=C", "PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir()}, env...)
	out := &head{left: l.output, full: func() { end(errTooMuch) }}
	complaints := &head{left: 16 << 10, full: func() {}} // some files make for thousands of warnings
	cmd.Stdout, cmd.Stderr = out, complaints
	if stdin != nil {
		cmd.Stdin = bytes.NewReader(stdin)
	}
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	stderr = strings.TrimSpace(complaints.kept.String())
	switch cause := context.Cause(ctx); {
	case err == nil || errors.Is(cause, errTooMuch):
		return out.kept.Bytes(), stderr, nil
	case cause != nil:
		return nil, stderr, tooHeavy(cause)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && !exit.Exited() {
		return nil, stderr, tooHeavy(err) // by a signal: out of memory or of time, or it crashed
	}
	return out.kept.Bytes(), stderr, fmt.Errorf("running %s: %w", argv[0], err)
}

func tooHeavy(err error) error {
	return &Error{Code: CodeTooHeavy, Detail: "Reading the file takes more time or memory than a document should.", Err: err}
}

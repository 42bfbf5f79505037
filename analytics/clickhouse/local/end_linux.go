package local

import (
	"os/exec"
	"syscall"
)

// endWithParent has the kernel end a child whose parent is gone, however that ended.
func endWithParent(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

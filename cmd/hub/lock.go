package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"ctiphub/configs"
)

// errLocked is returned by lockFile when another process holds the lock.
var errLocked = errors.New("locked")

// harvestAlone makes this process the only one on this machine that harvests into the
// data folder, until it stops: two of them would share one run and its cursor. The lock
// goes with the process, however it ends.
func (a *app) harvestAlone(cfg *configs.Config) error {
	file := filepath.Join(cfg.Hub.Data, "harvest.lock")
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("opening the harvest lock: %w", err)
	}
	if err := lockFile(f); err != nil {
		f.Close()
		if errors.Is(err, errLocked) {
			return fmt.Errorf("another hub is harvesting into %s: let it do the work, stop it, or serve with --no-harvest", cfg.Hub.Data)
		}
		return fmt.Errorf("locking %s: %w", file, err)
	}
	a.onStop("the harvest lock", func(context.Context) error { return f.Close() })
	return nil
}

// Package bench holds the benchmarks whose figures stand in docs/benchmarks.md: each
// runs a whole stage, or the whole path, on the records of the simulated federation.
package bench

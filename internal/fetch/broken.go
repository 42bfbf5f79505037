package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// broken says what a connection failed from, and whether it may do better next time.
func (t *trip) broken(ctx context.Context, err error) error {
	f := &failure{url: t.url, err: err, what: err.Error(), retry: true, outcome: "network"}
	var dns *net.DNSError
	cause := context.Cause(ctx)
	switch {
	case errors.Is(err, errTimeout) || errors.Is(cause, errTimeout):
		// Another try would cost the server as much again.
		f.err, f.final, f.outcome = errTimeout, true, "timeout"
		f.what = fmt.Sprintf("no complete answer within %s; if the server is just slow, raise politeness.timeout of the source", time.Duration(t.polite.Timeout))
	case errors.Is(err, errTrickle) || errors.Is(cause, errTrickle):
		f.err, f.final, f.outcome = errTrickle, true, "timeout"
		f.what = fmt.Sprintf("its answer trickles: less than %d bytes in %s; the server may be overloaded", leastBytes, leastSpan)
	case ctx.Err() != nil:
		return fmt.Errorf("fetching %s: %w", t.url, ctx.Err())
	case errors.Is(err, ErrPrivateAddress):
		return private(t.url, root(err))
	case errors.As(err, &dns) && dns.IsNotFound:
		f.final, f.what = true, fmt.Sprintf("there is no host %q; check the address", dns.Name)
	case errors.Is(err, errDecoding):
		f.retry, f.outcome = false, "bad-encoding"
	case errors.Is(err, errHead):
		f.retry, f.outcome = false, "bad-head"
	case errors.Is(err, errDamaged): // and that is all there is to say
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		f.what = "the connection ended before the answer did"
	case errors.Is(err, syscall.ECONNRESET):
		f.what = "the server broke the connection off (reset)"
	default:
		certificate(err, f)
	}
	return f
}

// certificate explains why the other side could not prove who it is. There is no switch to
// overlook it: what came over such a connection could be anybody's.
func certificate(err error, f *failure) {
	var bad *tls.CertificateVerificationError
	if !errors.As(err, &bad) {
		return
	}
	f.retry, f.outcome = false, "certificate"
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	why := bad.Err.Error()
	switch {
	case errors.As(bad.Err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert != nil:
		why = fmt.Sprintf("it holds from %s to %s", invalid.Cert.NotBefore.UTC().Format(time.DateOnly), invalid.Cert.NotAfter.UTC().Format(time.DateOnly))
	case errors.As(bad.Err, &unknown):
		why = "it is self-signed, or its issuer is not known; often the server only forgets to send the intermediate certificate"
	case errors.As(bad.Err, &host):
		why = fmt.Sprintf("it was not made for the host %q", host.Host)
	}
	f.what = fmt.Sprintf("its certificate is not valid: %s; tell the publisher", why)
}

// root unwraps to the part of an error that the guard made.
func root(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

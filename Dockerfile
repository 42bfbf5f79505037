# The hub as one static program, without a shell and without root.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=container
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.release=$VERSION" -o /out/hub ./cmd/hub && mkdir /out/data

# One static program that asks whether the hub is ready: the image has no other.
FROM busybox:1.37-musl AS tools

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=tools /bin/wget /bin/wget
COPY --from=build /out/hub /usr/bin/hub
# A new volume takes over the owner of the folder.
COPY --from=build --chown=nonroot:nonroot /out/data /data
WORKDIR /hub
ENV HUB_DATA=/data HUB_LISTEN=:8080
VOLUME /data
EXPOSE 8080
USER nonroot
ENTRYPOINT ["/usr/bin/hub"]
CMD ["serve"]

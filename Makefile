# Two commands: `make run` and `make test`. The rest is what they are made of.
.PHONY: run test chaos bench web server deb screenshots clean

CAUSO := target/release/causo
LISTEN ?= 127.0.0.1:8080

run: server
	@mkdir -p data
	@./$(CAUSO) demo --if-new
	@./$(CAUSO) serve --listen $(LISTEN)

server: web
	@scripts/need cargo
	cargo build --release --locked -p causo

web: web/dist/index.html

web/dist/index.html: web/node_modules/.package-lock.json $(shell find web/src web/public web/index.html web/vite.config.ts crates/domain/data -type f 2>/dev/null)
	cd web && npm run build

web/node_modules/.package-lock.json: web/package-lock.json
	@scripts/need node npm
	cd web && npm install --no-save --no-audit --no-fund

test:
	@scripts/test

chaos:
	@scripts/chaos

bench: server
	@scripts/bench

deb: server
	@scripts/need cargo-deb
	cargo deb --locked --no-build -p causo

screenshots: server
	@scripts/screenshots

clean:
	rm -rf target web/dist web/node_modules e2e/node_modules

# The main targets. Each one first installs and fetches what it needs and is missing.
#
#   make demo       cut out the photographs in examples/
#   make test       build and run the tests
#   make test-slow  the tests that fetch an environment first (reference arithmetic, rembg) or take long (bench, quantize, tune)
#   make build      the program, at build/release/pixmill
#   make install    into PREFIX (/usr/local), below DESTDIR where that is set; runtimes, manual page and completions with it
#   make bench      speed compared with the bare models and rembg -> bench/RESULTS.md
#   make lint       clang-format, clang-tidy, ruff
#   make sanitize   the tests under AddressSanitizer and UndefinedBehaviorSanitizer, threads under ThreadSanitizer
#   make fuzz       every fuzzer for a minute
#   make format     put the sources into shape

PIXMILL := build/release/pixmill
SECONDS_PER_FUZZER ?= 60
PREFIX ?= /usr/local

.PHONY: demo test test-slow build setup install bench lint sanitize fuzz format training-env clean

setup:
	@scripts/setup.sh build

build/release/build.ninja: | setup
	@cmake --preset release

build: setup build/release/build.ninja
	@cmake --build --preset release

demo: build
	@scripts/demo.sh $(PIXMILL)

test: build
	@ctest --test-dir build/release --output-on-failure --no-tests=error -LE slow

test-slow: build
	@scripts/setup.sh build test-slow
	@ctest --test-dir build/release --output-on-failure --no-tests=error -L slow

install: build
	@DESTDIR="$(DESTDIR)" cmake --install build/release --prefix "$(PREFIX)"

bench: build
	@bench/run.sh $(PIXMILL)

lint: build
	@scripts/setup.sh build lint
	@scripts/lint.sh

sanitize: setup
	@cmake --preset asan && cmake --build --preset asan
	@ctest --test-dir build/asan --output-on-failure --no-tests=error -LE slow
	@cmake --preset tsan && cmake --build --preset tsan --target pipeline_test runtime_test
	@ctest --test-dir build/tsan --output-on-failure -R 'unit.(pipeline|runtime)'

fuzz: setup
	@scripts/setup.sh build fuzz
	@cmake --preset fuzz && cmake --build --preset fuzz
	@scripts/fuzz.sh build/fuzz $(SECONDS_PER_FUZZER)

format: setup
	@scripts/setup.sh build lint
	@git ls-files '*.cc' '*.h' | xargs clang-format -i

training-env: setup
	@scripts/setup.sh build training
	@python3 -I -m venv .env/training && .env/training/bin/pip install --quiet -r training/requirements.txt

clean:
	@rm -rf build

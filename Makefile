# Promenade: every task in one place. `make help` lists them; `make demo` and `make test` are the two to know.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
ifndef VERBOSE
.SILENT:
endif

# What a target works on; give another on the command line, such as `make faces PORTRAITS=~/paintings OUT=outputs/mine`.
OUT ?= outputs/mine
PORTRAITS ?=
SONGS ?=
PIPELINE ?= pipelines/gallery.toml
TABLE ?=
FACES ?= datasets/fer2013
EXPRESSION ?= pipelines/train-expression.toml
MUSIC ?= pipelines/train-music.toml
ROUNDS ?= 10

PROMENADE := $(abspath $(or $(CARGO_TARGET_DIR),target))/release/promenade
DEMO_DATA := datasets/demo/portraits.csv datasets/demo/songs.csv

CACHE := $(or $(PROMENADE_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/promenade)
# By the version of Python, since it is compiled for one.
PYARROW := $(CACHE)/pyarrow-24.0.0-$(shell python3 -c 'import sys; print("%d%d" % sys.version_info[:2])' 2>/dev/null)
export PROMENADE_PYARROW ?= $(PYARROW)

# Promenade's exit status 1 means that some inputs failed and the rest was done: say so and go on. 2 and others stop make.
define promenade
status=0; $(PROMENADE) $(1) || status=$$?; \
if [[ $$status -eq 1 ]]; then \
  echo "make: some inputs failed, the rest is done; the columns status and error of the tables say which and why" >&2; \
elif [[ $$status -ne 0 ]]; then \
  exit $$status; \
fi
endef

## Start here

help: ## list the targets
	awk -F ':.*## ' '/^## / { printf "\n%s\n", substr($$0, 4) } /^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup demo-data build ## fetch what is needed, build, and make the demo exhibit (outputs/demo)
	$(call promenade,run pipelines/demo.toml)

test: setup pyarrow ## run every test
	cargo test --locked

# A test asks Apache's reader whether it understands the tables; without it that test says that it was left out.
pyarrow: $(PYARROW)/.complete

$(PYARROW)/.complete: scripts/pyarrow.txt
	echo "pyarrow: 48 MB to fetch, for one test" >&2
	rm -rf "$(PYARROW)"
	python3 -m pip install -q --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
	  --target "$(PYARROW)" -r scripts/pyarrow.txt || echo "make: no pyarrow for this Python; one test is left out" >&2
	mkdir -p "$(PYARROW)" && touch "$(PYARROW)/.complete"

setup: ## fetch and check the native parts (libtorch, ONNX Runtime, face detectors)
	scripts/setup.sh natives

## Your own collection (OUT=outputs/mine is where the tables go)

faces: needs-PORTRAITS build ## find and read the faces of a folder: PORTRAITS=folder
	$(call promenade,faces "$(PORTRAITS)" --out "$(OUT)")

songs: needs-SONGS build ## listen to the songs of a folder: SONGS=folder
	$(call promenade,songs "$(SONGS)" --out "$(OUT)")

pairings: build ## match the faces and songs in OUT
	$(call promenade,pair --out "$(OUT)")

exhibit: build ## make the pages of the exhibit in OUT
	$(call promenade,exhibit --out "$(OUT)")

run: build ## do all of it as a pipeline file says: PIPELINE=pipelines/gallery.toml
	$(call promenade,run "$(PIPELINE)")

inspect: needs-TABLE build ## look into a table: TABLE=outputs/mine/faces
	$(call promenade,inspect "$(TABLE)")

## Models

train-expression: build setup-training ## train the expression network: EXPRESSION=pipelines/train-expression.toml
	$(call promenade,train expression "$(EXPRESSION)")

train-music: build ## train the song regressor: MUSIC=pipelines/train-music.toml
	$(call promenade,train music "$(MUSIC)")

evaluate: build ## measure both models on their held-out data: FACES=datasets/fer2013
	$(call promenade,evaluate expression --faces "$(FACES)" --split private)
	$(call promenade,evaluate music "$(MUSIC)")

## Machine

doctor: build ## say what is installed, what is missing and the remedy
	$(call promenade,doctor)

setup-training: setup ## fetch the ImageNet weights that training starts from
	scripts/setup.sh training

setup-cuda: setup ## find or fetch CUDA libraries for an NVIDIA GPU (2.5 GB)
	scripts/setup.sh cuda

setup-verify: setup ## hash every fetched file again and mend what is damaged
	scripts/setup.sh verify

demo-data: $(DEMO_DATA) ## fetch the demo's pictures and tracks (datasets/demo)

$(DEMO_DATA) &: scripts/parts.py scripts/demo_data.py
	scripts/setup.sh demo-data
	touch $(DEMO_DATA)

## Development

# Without --examples cargo would leave the tests' dependencies out, which changes the features of others, and check all anew.
DOC := cargo doc --locked --no-deps --lib --examples

build: setup ## build the release binary (target/release/promenade)
	cargo build --release --locked

lint: setup ## check the format, clippy and the documentation; warnings are errors
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS=-Dwarnings $(DOC)

doc: setup ## build the library's documentation (target/doc/promenade/index.html)
	$(DOC)

bench: setup demo-data ## run the benchmarks
	cargo bench --locked

soak: build demo-data ## kill the demo ROUNDS=10 times and check that the result does not change
	scripts/soak.sh $(PROMENADE) $(ROUNDS)

clean: ## delete the build, the demo's data and its exhibit; keeps the cache and outputs/mine
	cargo clean
	rm -rf datasets/demo outputs/demo outputs/soak

needs-%:
	[[ -n "$($*)" ]] || { echo "make: say which: make $(MAKECMDGOALS) $*=..." >&2; exit 2; }

.PHONY: help demo test pyarrow setup faces songs pairings exhibit run inspect train-expression train-music evaluate doctor \
	setup-training setup-cuda setup-verify demo-data build lint doc bench soak clean

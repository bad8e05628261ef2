"""What this project expects of its own files, one function per rule: tree in, list of faults out.

A Tree is the project's text files by path; style_test.py makes one of the checkout, and small ones to show that every
rule can fail.
"""
import pathlib
import re
import shutil
import subprocess

MOST_LINES_PER_FILE = 350
MOST_LINES_PER_FUNCTION = 70
CODE = (".h", ".cc")
SKIPPED = {".git", ".deps", "build", "demo-output", "__pycache__", "node_modules"}


class Tree:
    def __init__(self, files, root=None):
        self.files = files  # path relative to the root -> text
        self.root = root    # where they lie on disk, if they do

    @classmethod
    def of_folder(cls, root):
        files = {}
        for inside in cls.paths_in(root):
            path = root / inside
            if SKIPPED & set(pathlib.PurePosixPath(inside).parts) or not path.is_file():
                continue
            try:
                files[inside] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # a picture
        return cls(files, root)

    @staticmethod
    def paths_in(root):
        """What git knows or would add; everything where there is no git."""
        if (root / ".git").exists():
            listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root,
                                    capture_output=True, text=True, check=False)
            if listed.returncode == 0:
                return sorted(filter(None, listed.stdout.split("\0")))
        return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))

    def named(self, *suffixes, under=""):
        return {path: text for path, text in self.files.items() if path.startswith(under) and path.endswith(suffixes)}

    def code(self):
        return {path: text for path, text in self.named(*CODE).items() if path.split("/")[0] in ("src", "tests", "bench")}


def lines_with(tree_files, pattern, fault):
    compiled = re.compile(pattern)
    return [f"{path}:{number}: {fault}: {line.strip()[:100]}"
            for path, text in tree_files.items()
            for number, line in enumerate(text.splitlines(), 1) if compiled.search(line)]


def leftover_words(tree):
    words = "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK", "place" + "holder", "lorem " + "ipsum"])
    return lines_with(tree.files, rf"\b({words})\b", "leftover")


def machine_paths(tree):
    return lines_with(tree.files, r"(?<![\w.>-])/(work|home|root|Users|mnt)/\w", "path of one machine")


def using_namespace_in_headers(tree):
    return lines_with(tree.named(".h"), r"^\s*using namespace\b", "using namespace in a header")


def long_files(tree):
    return [f"{path}: {text.count(chr(10))} lines, more than {MOST_LINES_PER_FILE}"
            for path, text in {**tree.code(), **tree.named(".py")}.items()
            if text.count("\n") > MOST_LINES_PER_FILE]


def long_functions(tree):
    """A body goes from a line that ends in `) … {` to the next closing brace at its indentation or further left."""
    faults = []
    control = re.compile(r"^\s*(}|if|for|while|switch|else|do|try|catch|namespace|class|struct|enum|extern)\b|^\s*}")
    for path, text in tree.code().items():
        lines = text.splitlines()
        for number, line in enumerate(lines):
            if not re.search(r"\)[^;]*\{$", line) or control.match(line):
                continue
            indentation = len(line) - len(line.lstrip())
            length = next((i for i, later in enumerate(lines[number + 1:], 1)
                           if later.lstrip().startswith("}") and len(later) - len(later.lstrip()) <= indentation), 0)
            if length > MOST_LINES_PER_FUNCTION:
                faults.append(f"{path}:{number + 1}: a function of {length} lines, more than {MOST_LINES_PER_FUNCTION}")
    return faults


def missing_opening_comments(tree):
    """A header says what it is for; so does a source without one, a test of no single source, and every script."""
    faults = []
    for path, text in tree.code().items():
        stem = path.rsplit(".", 1)[0].removesuffix("_test")
        explained_elsewhere = path.endswith(".cc") and (stem + ".h" in tree.files or path.endswith("_test.cc"))
        if not text.startswith("//") and not explained_elsewhere:
            faults.append(f"{path}: does not open with a comment that says what it is for")
    for path, text in tree.files.items():
        rest = text.split("\n", 1)[-1] if text.startswith("#!") else text
        is_script = text.startswith("#!") or path.endswith((".py", ".cmake"))
        if is_script and text.strip() and not rest.startswith(("#", '"""', 'r"""')):
            faults.append(f"{path}: does not open with a comment that says what it is for")
    return faults


def dead_files(tree):
    """A header that only its own source includes; a folder of sources that CMake does not know."""
    faults, includers = [], {}
    sources = {**tree.code(), **tree.named(".cc.in")}
    for path, text in sources.items():
        for included in re.findall(r'^\s*#\s*include\s+"([^"]+)"', text, re.MULTILINE):
            includers.setdefault(included, set()).add(path)
    for path in tree.named(".h"):
        own = path.removesuffix(".h") + ".cc"
        names = {path.removeprefix("src/"), path.rsplit("/", 1)[-1] if path.startswith("tests/") else path, path,
                 path.removeprefix("tests/")}
        if not any(includers.get(name, set()) - {own} for name in names):
            faults.append(f"{path}: nobody includes it")
    for path in tree.named(".cc"):
        parts = path.split("/")
        if parts[0] not in ("src", "tests") or len(parts) < 3:
            continue
        listing = "CMakeLists.txt" if parts[0] == "src" else "tests/CMakeLists.txt"
        name = "/".join(parts[:2]) if parts[0] == "src" else parts[1]
        known = re.search(rf"add_subdirectory\({re.escape(name)}\)", tree.files.get(listing, ""))
        if not known or "/".join(parts[:2]) + "/CMakeLists.txt" not in tree.files:
            faults.append(f"{path}: belongs to no target (see {listing})")
    return faults


# ---- error codes -----------------------------------------------------------------------------------------------------

def arguments_of(text, opening):
    """The arguments of the call whose parenthesis opens at `opening`, split at top-level commas."""
    depth, start, parts, quoted = 0, opening + 1, [], False
    for i in range(opening, len(text)):
        c = text[i]
        if c == '"' and text[i - 1] != "\\":
            quoted = not quoted
        elif quoted:
            continue
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
            if depth == 0:
                return [*parts, text[start:i].strip()]
        elif c == "," and depth == 1:
            parts.append(text[start:i].strip())
            start = i + 1
    return parts


def composed_codes(text):
    """For .code = "prefix" + name, where name is a parameter of the function around it: the literals of its calls."""
    codes = set()
    for match in re.finditer(r'\.code = "([a-z_.]+)" \+ (\w+)', text):
        prefix, name = match.groups()
        definitions = re.finditer(r"\b(\w+)\(([^()]*\bstd::string& " + name + r"\b[^()]*)\)[^;{]*\{", text[:match.start()])
        for definition in list(definitions)[-1:]:
            function = definition.group(1)
            position = [p.split()[-1] for p in definition.group(2).split(",")].index(name)
            for call in re.finditer(rf"\b{function}\(", text):
                arguments = arguments_of(text, call.end() - 1)
                literal = re.fullmatch(r'"([a-z_]+)"', arguments[position]) if position < len(arguments) else None
                if literal:
                    codes.add(prefix + literal.group(1))
    return codes


def used_error_codes(tree):
    codes = {}
    for path, text in tree.named(".h", ".cc", under="src/").items():
        name = path.rsplit("/", 1)[-1]
        if name.endswith("_test.cc") or name.startswith("test_") or "/testing/" in path:
            continue
        text = re.sub(r"(?m)^\s*//.*$", "", text)
        found = set(re.findall(r'\.code = "([a-z]+\.[a-z_]+)"(?! \+)', text))
        found |= set(re.findall(r'\{"([a-z]+\.[a-z_]+)",\s*"', text))  # tables of codes and texts
        found |= set(re.findall(r'"([a-z]+\.[a-z_]+): %', text))       # printed before the program stops
        for code in found | composed_codes(text):
            codes.setdefault(code, path)
    return codes


def undocumented_error_codes(tree, document="docs/errors.md"):
    used = used_error_codes(tree)
    documented = re.findall(r"(?m)^\| `([a-z]+\.[a-z_]+)` \|", tree.files.get(document, ""))
    faults = [f"{path}: the code {code} is not in {document}" for code, path in sorted(used.items())
              if code not in documented]
    faults += [f"{document}: no source uses the code {code}" for code in documented if code not in used]
    faults += [f"{document}: the code {code} stands twice" for code in sorted(set(documented))
               if documented.count(code) > 1]
    return faults


# ---- documents -------------------------------------------------------------------------------------------------------

FIGURE = re.compile(r"\d[\d.,]*\s?(ms|s|seconds?|minutes?|kB|MB|GB|times)\b")


def figures_without_command(tree, document="README.md"):
    """A measured figure outside a code block shares its paragraph or table row with the command that measures it."""
    faults = []
    prose = re.sub(r"(?ms)^```.*?^```$", "", tree.files.get(document, ""))
    for paragraph in re.split(r"\n\s*\n", prose):
        for part in paragraph.splitlines() if paragraph.lstrip().startswith("|") else [paragraph]:
            if FIGURE.search(part) and not re.search(r"`[^`]*(scripts/|cohortium )[^`]*`", part):
                faults.append(f"{document}: no command beside the figure: {' '.join(part.split())[:100]}")
    return faults


def dead_links(tree):
    faults = []
    for path, text in tree.named(".md").items():
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", re.sub(r"(?ms)^```.*?^```$", "", text)):
            if "://" in target or target.startswith("mailto:"):
                continue
            there = pathlib.PurePosixPath(path).parent / target
            resolved = pathlib.PurePosixPath(*_without_dots(there.parts)).as_posix()
            exists = any(p == resolved or p.startswith(resolved.rstrip("/") + "/") for p in tree.files)
            if not exists and not (tree.root and (tree.root / resolved).exists()):
                faults.append(f"{path}: links to {target}, which does not exist")
    return faults


def _without_dots(parts):
    kept = []
    for part in parts:
        if part == "..":
            kept = kept[:-1]
        elif part != ".":
            kept.append(part)
    return kept


# ---- layout ----------------------------------------------------------------------------------------------------------

def not_formatted(tree):
    """Needs clang-format and a tree on disk."""
    paths = sorted(tree.code())
    if not paths:
        return []
    checked = subprocess.run(["clang-format", "--dry-run", "--Werror", "--ferror-limit=1", *paths], cwd=tree.root,
                             capture_output=True, text=True, check=False)
    files = re.findall(r"(?m)^(\S+?):\d+:\d+: error:", checked.stderr)
    return [f"{path}: is not as clang-format writes it (run clang-format -i)" for path in sorted(set(files))]


RULES = [leftover_words, machine_paths, using_namespace_in_headers, long_files, long_functions,
         missing_opening_comments, dead_files, undocumented_error_codes, figures_without_command, dead_links]

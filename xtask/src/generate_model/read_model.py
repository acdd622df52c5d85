"""Prints, as JSON, the service models that botocore ships: argv = [package folder or ""] service@version..."""
import glob, gzip, json, os, re, sys

folder = sys.argv[1]
if folder:
    source = open(os.path.join(folder, "__init__.py"), encoding="utf-8").read()
    version = re.search(r"__version__\s*=\s*['\"]([^'\"]+)", source).group(1)
else:
    import botocore
    folder, version = os.path.dirname(botocore.__file__), botocore.__version__

models = {}
for wanted in sys.argv[2:]:
    service, api_version = wanted.split("@")
    base = os.path.join(folder, "data", service)
    path = os.path.join(base, api_version, "service-2.json")
    opened = gzip.open(path + ".gz", "rt", encoding="utf-8") if os.path.exists(path + ".gz") else open(path, encoding="utf-8")
    model = json.load(opened)
    older = sorted(os.path.basename(os.path.dirname(p)) for p in glob.glob(os.path.join(base, "*", "service-2.json*")))
    models[service] = {"model": model, "older": [v for v in older if v < api_version]}
json.dump({"botocore": version, "models": models}, sys.stdout)

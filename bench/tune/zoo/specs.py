"""One way to write a thing with its settings, for data, models and optimizers: name:setting=value,flag,..."""


def parse(spec):
    """'digits:samples=600,raw' is ('digits', {'samples': 600, 'raw': 1}). Values are numbers where they look
    like it."""
    name, _, rest = spec.partition(":")
    settings = {}
    for part in filter(None, rest.split(",")):
        key, _, value = part.partition("=")
        try:
            settings[key] = float(value) if value else 1
            if settings[key] == int(settings[key]):
                settings[key] = int(settings[key])
        except ValueError:
            settings[key] = value
    return name, settings

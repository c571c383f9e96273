"""What headers of authorization look like."""
import base64


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

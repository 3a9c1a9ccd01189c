"""Whether the app in this container answers: exit code 0, or 1 with the reason."""

import http.client
import os
import sys

TIMEOUT = 4.0  # s


def main() -> None:
    """Ask for the page itself. GRADIO_SERVER_PORT says at which port."""
    port = os.environ.get("GRADIO_SERVER_PORT", "7860")
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=TIMEOUT)
    try:
        connection.request("GET", "/")
        status = connection.getresponse().status
    except OSError as error:
        sys.exit(f"The app does not answer at port {port}: {error}")
    if status != http.HTTPStatus.OK:
        sys.exit(f"The app answers at port {port} with status {status}.")


if __name__ == "__main__":
    main()

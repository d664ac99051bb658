"""Hands in a file with tuspy, and goes on where an earlier run has stopped.

usage: upload.py LINK FILE NAME KNOWN [STOP]

KNOWN is where tuspy remembers uploads. With STOP, the program stops once so many bytes are sent.
Prints at which byte it began.
"""

import sys

from tusclient.client import TusClient
from tusclient.storage.filestorage import FileStorage

CHUNK = 1 << 20


def main(link, file, name, known, stop=None):
    uploader = TusClient(link).uploader(
        file_path=file,
        chunk_size=CHUNK,
        metadata={"filename": name},
        store_url=True,
        url_storage=FileStorage(known),
        upload_checksum=True,
    )
    print(uploader.offset)
    uploader.upload(stop_at=stop and int(stop))


main(*sys.argv[1:])

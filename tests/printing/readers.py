"""Strict readers of TSPL and CPCL: they draw what a printer would, and refuse whatever the manuals do not allow.

An unknown command, a wrong number of arguments, a bitmap with a byte too many or too few, ink over the paper's edge:
ValueError. Codes are drawn by zxing-cpp, an encoder that is not ours.
"""

import re
from dataclasses import dataclass, field

import zxingcpp
from PIL import Image, ImageChops

DOTS_OF = {200: 203, 300: 300}


@dataclass(slots=True)
class Paper:
    """A label being drawn: 255 is paper."""

    width: int
    height: int
    image: Image.Image = field(init=False)

    def __post_init__(self) -> None:
        self.image = Image.new("L", (self.width, self.height), 255)

    def inside(self, x: int, y: int, w: int, h: int) -> None:
        if x < 0 or y < 0 or w < 1 or h < 1 or x + w > self.width or y + h > self.height:
            raise ValueError(f"{x},{y} {w}x{h} is not on the paper of {self.width}x{self.height}")

    def black(self, x: int, y: int, w: int, h: int) -> None:
        self.inside(x, y, w, h)
        self.image.paste(0, (x, y, x + w, y + h))

    def bitmap(self, x: int, y: int, stride: int, rows: bytes, zero_is_black: bool, clears: bool) -> None:
        """Bytes of padding may reach over the right edge, ink may not."""
        height = len(rows) // stride
        inked = Image.frombytes("1", (stride * 8, height), rows).convert("L")
        picture = inked if zero_is_black else ImageChops.invert(inked)
        box = ImageChops.invert(picture).getbbox()
        if box:
            self.inside(x + box[0], y + box[1], box[2] - box[0], box[3] - box[1])
        if clears:
            self.image.paste(picture, (x, y))
        else:
            self.image.paste(0, (x, y), ImageChops.invert(picture))

    def code(
        self, x: int, y: int, kind: zxingcpp.BarcodeFormat, text: str, module: int, height: int = 0, level: str = ""
    ) -> None:
        options = {"ec_level": level} if level else {}
        made = zxingcpp.create_barcode(text, kind, **options)
        small = Image.fromarray(made.to_image(scale=1, add_quiet_zones=False))
        if height:
            small = small.crop((0, 0, small.width, 1))
        size = (small.width * module, height or small.height * module)
        self.inside(x, y, *size)
        self.image.paste(small.resize(size, Image.Resampling.NEAREST), (x, y))


class _Bytes:
    """A stream that is read piece by piece."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, pattern: bytes) -> re.Match[bytes]:
        found = re.compile(pattern, re.S).match(self.data, self.at)
        if found is None:
            raise ValueError(f"at byte {self.at}: {self.data[self.at : self.at + 60]!r} is not {pattern!r}")
        self.at = found.end()
        return found

    def may(self, pattern: bytes) -> re.Match[bytes] | None:
        found = re.compile(pattern, re.S).match(self.data, self.at)
        if found:
            self.at = found.end()
        return found

    def raw(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise ValueError("a bitmap ends too early")
        self.at += count
        return self.data[self.at - count : self.at]

    @property
    def done(self) -> bool:
        return self.at >= len(self.data)


N = rb"([0-9]+)"


def tspl(data: bytes, dpi: int) -> list[Image.Image]:
    """The labels of a TSPL stream."""
    stream, labels = _Bytes(data), []
    while not stream.done:
        width, height = map(float, stream.take(rb"SIZE ([0-9.]+) mm,([0-9.]+) mm\r\n").groups())
        stream.take(rb"GAP [0-9.]+ mm,0 mm\r\nDIRECTION [01]\r\nREFERENCE 0,0\r\nCLS\r\n")
        paper = Paper(int(width * dpi / 25.4), int(height * dpi / 25.4))
        while not stream.may(rb"PRINT 1,1\r\n"):
            _tspl_command(stream, paper)
        labels.append(paper.image)
    return labels


def _tspl_command(stream: _Bytes, paper: Paper) -> None:
    if found := stream.may(rb"BITMAP %b,%b,%b,%b,0," % (N, N, N, N)):
        x, y, stride, height = map(int, found.groups())
        paper.bitmap(x, y, stride, stream.raw(stride * height), zero_is_black=True, clears=True)
        stream.take(rb"\r\n")
    elif found := stream.may(rb"BAR %b,%b,%b,%b\r\n" % (N, N, N, N)):
        paper.black(*map(int, found.groups()))
    elif found := stream.may(rb'BARCODE %b,%b,"128",%b,0,0,%b,%b,"([^"\r\n]+)"\r\n' % (N, N, N, N, N)):
        x, y, height, narrow, wide = map(int, found.groups()[:5])
        if narrow != wide:
            raise ValueError("narrow and wide differ")
        paper.code(x, y, zxingcpp.BarcodeFormat.Code128, found[6].decode(), narrow, height)
    else:
        found = stream.take(rb'QRCODE %b,%b,([LMQH]),%b,A,0,"((?:[^"\r\n]|\\\["\])+)"\r\n' % (N, N, N))
        text = found[5].decode().replace('\\["]', '"')
        x, y, module = int(found[1]), int(found[2]), int(found[4])
        if not 1 <= module <= 10:
            raise ValueError("cells have 1 to 10 dots")
        paper.code(x, y, zxingcpp.BarcodeFormat.QRCode, text, module, level=found[3].decode())


def cpcl(data: bytes) -> list[tuple[int, Image.Image]]:
    """Dots per inch and picture of each session of a CPCL stream."""
    stream, labels = _Bytes(data), []
    while not stream.done:
        across, down, height = map(int, stream.take(rb"! 0 %b %b %b 1\r\n" % (N, N, N)).groups())
        if across != down or across not in DOTS_OF:
            raise ValueError("no resolution that a printer has")
        paper = Paper(int(stream.take(rb"PAGE-WIDTH %b\r\n" % N)[1]), height)
        while not stream.may(rb"GAP-SENSE\r\nFORM\r\nPRINT\r\n"):
            _cpcl_command(stream, paper)
        labels.append((DOTS_OF[across], paper.image))
    return labels


def _cpcl_command(stream: _Bytes, paper: Paper) -> None:
    if found := stream.may(rb"CG %b %b %b %b " % (N, N, N, N)):
        stride, height, x, y = map(int, found.groups())
        paper.bitmap(x, y, stride, stream.raw(stride * height), zero_is_black=False, clears=False)
        stream.take(rb"\r\n")
    elif found := stream.may(rb"LINE %b %b %b %b %b\r\n" % (N, N, N, N, N)):
        x, y, right, bottom, thick = map(int, found.groups())
        if (x == right) == (y == bottom):
            raise ValueError("only level and upright lines")
        paper.black(x, y, right - x or thick, bottom - y or thick)
    elif found := stream.may(rb"BARCODE 128 %b 1 %b %b %b ([!-~]+)\r\n" % (N, N, N, N)):
        module, height, x, y = map(int, found.groups()[:4])
        paper.code(x, y, zxingcpp.BarcodeFormat.Code128, found[5].decode(), module, height)
    else:
        found = stream.take(rb"BARCODE QR %b %b M 2 U %b\r\n([LMQH])A,([^\r\n]+)\r\nENDQR\r\n" % (N, N, N))
        x, y, module = map(int, found.groups()[:3])
        paper.code(x, y, zxingcpp.BarcodeFormat.QRCode, found[5].decode(), module, level=found[4].decode())

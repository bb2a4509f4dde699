"""What becomes of labels, numbers, orders and parcels, said once more, without anything of the product."""

from dataclasses import dataclass, field


@dataclass
class ModelOrder:
    """status: waiting, shipped, closed. `paper`: its living label. `parcel`: the number under which it left."""

    receiver: int
    status: str = "waiting"
    refund: bool = False
    paper: "ModelLabel | None" = None
    parcel: str = ""


@dataclass
class ModelLabel:
    number: str
    receiver: int
    orders: list[int]
    state: str = "made"
    sent: bool = False
    doubtful: bool = False


@dataclass
class Model:
    """What the words of the specification say, once more, one order after the other."""

    orders: list[ModelOrder]
    free: list[str]
    voided: set[str] = field(default_factory=set)
    labels: list[ModelLabel] = field(default_factory=list)

    def stuck(self, order: ModelOrder) -> bool:
        return order.status != "waiting" or order.refund

    def number(self) -> str | None:
        return self.free.pop(0) if self.free else None

    def make(self, asked: list[int], merge: bool) -> list[str]:
        out: dict[int, str] = {}
        groups: dict[object, list[int]] = {}
        for place in asked:
            order = self.orders[place]
            if order.paper:
                out[place] = order.paper.number
            elif self.stuck(order):
                out[place] = "no"
            else:
                groups.setdefault(order.receiver if merge else ("one", place), []).append(place)
        for places in groups.values():
            number = self.number()
            if number is not None:
                self.put(ModelLabel(number, self.orders[places[0]].receiver, list(places)))
            for place in places:
                out[place] = number or "no"
        return [out[place] for place in asked]

    def put(self, label: ModelLabel) -> None:
        self.labels.append(label)
        for place in label.orders:
            self.orders[place].paper = label

    def blocked(self, label: ModelLabel) -> bool:
        if label.state == "voided":
            return True
        for place in label.orders:
            order = self.orders[place]
            if order.receiver != label.receiver or order.refund or order.status == "closed":
                return True
            if order.status == "shipped" and label.state != "shipped":
                return True
        return False

    def void(self, label: ModelLabel) -> bool:
        if label.state == "shipped":
            return False
        if label.state != "voided":
            self.give_up(label)
        return True

    def give_up(self, label: ModelLabel) -> None:
        if label.state == "made" and not label.sent:
            self.free = sorted([*self.free, label.number])
        else:
            self.voided.add(label.number)
        label.state = "voided"
        for place in label.orders:
            self.orders[place].paper = None

    def replace(self, label: ModelLabel) -> str:
        there = [self.orders[place] for place in label.orders]
        if label.state in ("shipped", "voided") or any(map(self.stuck, there)):
            return "no"
        if len({order.receiver for order in there}) > 1:
            return "no"
        number = self.number()
        if number is None:
            return "no"
        self.give_up(label)
        self.put(ModelLabel(number, there[0].receiver, list(label.orders)))
        return number

    def ship(self, label: ModelLabel) -> bool:
        if label.state == "shipped":
            return True
        if self.blocked(label):
            return False
        label.state = "shipped"
        for place in label.orders:
            self.orders[place].status, self.orders[place].parcel = "shipped", label.number
        return True

    def by_hand(self, place: int, number: str) -> bool:
        order = self.orders[place]
        if order.status == "shipped" and order.parcel == number:
            return self.alone(place, number)
        if self.stuck(order) or any(each.parcel == number for each in self.orders):
            return False
        order.status, order.parcel = "shipped", number
        self.follow(place, number)
        return True

    def alone(self, place: int, number: str) -> bool:
        return [n for n, each in enumerate(self.orders) if each.parcel == number] == [place]

    def follow(self, place: int, number: str) -> None:
        label = self.orders[place].paper
        if label and label.number == number and label.state != "shipped":
            label.state = "shipped"
            for other in label.orders:
                if self.orders[other].parcel != number:
                    self.orders[other].paper = None
            label.orders = [other for other in label.orders if self.orders[other].parcel == number]

    def take_back(self, number: str) -> None:
        for order in self.orders:
            if order.parcel == number:
                order.parcel = ""
                order.status = "waiting" if order.status == "shipped" else order.status
        for label in self.labels:
            if label.number == number and label.state == "shipped":
                label.state = "printed"

    def renumber(self, number: str, to: str) -> None:
        places = [place for place, order in enumerate(self.orders) if order.parcel == number]
        for place in places:
            self.orders[place].parcel = to
        for label in self.labels:
            if label.number == number and label.state == "shipped":
                self.give_up(label)
        for place in places:
            self.follow(place, to)

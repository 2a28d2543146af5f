"""The tools of tau-bench's airline agent over its database.

Written from the tools' schemas and from recorded calls and results (tau-bench, Yao et al. 2024).
The database is not part of this package. A fault of a call is an answer that starts with `Error:`.
"""

from foretaste.environments.arithmetic import calculated
from foretaste.records import JSON

CREATED = "2024-05-15T15:00:00"  # the data's present; the tools have no clock
BOOKED = ("HATHAT", "HATHAU", "HATHAV")  # ids of new reservations, in order
CERTIFICATES = (3221322, 3221323, 3221324)  # of new certificates, in order
INSURANCE = 30  # US dollars a passenger
BAGGAGE = 50  # US dollars an item that is not free
PREPAID = ("gift_card", "certificate")

AIRPORTS = {
    "SFO": "San Francisco",
    "JFK": "New York",
    "LAX": "Los Angeles",
    "ORD": "Chicago",
    "DFW": "Dallas",
    "DEN": "Denver",
    "SEA": "Seattle",
    "ATL": "Atlanta",
    "MIA": "Miami",
    "BOS": "Boston",
    "PHX": "Phoenix",
    "IAH": "Houston",
    "LAS": "Las Vegas",
    "MCO": "Orlando",
    "EWR": "Newark",
    "CLT": "Charlotte",
    "MSP": "Minneapolis",
    "DTW": "Detroit",
    "PHL": "Philadelphia",
    "LGA": "LaGuardia",
}


class _Refused(Exception):
    """A call that the airline refuses, with its reason."""


class Airline:
    """Fourteen tools over the tables `flights`, `reservations` and `users`.

    Args:
        state: the tables by name, each a mapping by id; the tools change it.
    """

    def __init__(self, state: dict[str, JSON]) -> None:
        self._flights = state["flights"]
        self._reservations = state["reservations"]
        self._users = state["users"]

    def book_reservation(
        self,
        user_id: str,
        origin: str,
        destination: str,
        flight_type: str,
        cabin: str,
        flights: list[JSON],
        passengers: list[JSON],
        payment_methods: list[JSON],
        total_baggages: int,
        nonfree_baggages: int,
        insurance: str,
    ) -> JSON:
        """Book flights where there are seats and the payments are exactly the price."""
        user = self._user(user_id)
        flights = [self._flown(each, cabin, len(passengers)) for each in flights]
        price = sum(each["price"] for each in flights) * len(passengers)
        price += INSURANCE * len(passengers) if insurance == "yes" else 0
        price += BAGGAGE * nonfree_baggages
        self._check_payments(user["payment_methods"], payment_methods, price)
        for payment in payment_methods:
            _deduct(user["payment_methods"], payment["payment_id"], payment["amount"])
        booked = next((name for name in BOOKED if name not in self._reservations), BOOKED[-1])
        self._reservations[booked] = {
            "reservation_id": booked,
            "user_id": user_id,
            "origin": origin,
            "destination": destination,
            "flight_type": flight_type,
            "cabin": cabin,
            "flights": flights,
            "passengers": passengers,
            "payment_history": payment_methods,
            "created_at": CREATED,
            "total_baggages": total_baggages,
            "nonfree_baggages": nonfree_baggages,
            "insurance": insurance,
        }
        user["reservations"].append(booked)
        return self._reservations[booked]

    def calculate(self, expression: str) -> str:
        """Work out an expression of numbers, to two decimals."""
        return calculated(expression)

    def cancel_reservation(self, reservation_id: str) -> JSON:
        """Cancel a reservation and note the refund of every payment."""
        reservation = self._reservation(reservation_id)
        history = reservation["payment_history"]
        history += [
            {"payment_id": paid["payment_id"], "amount": -paid["amount"]} for paid in history
        ]
        reservation["status"] = "cancelled"
        return reservation

    def get_reservation_details(self, reservation_id: str) -> JSON:
        """A reservation as it stands."""
        if reservation_id not in self._reservations:
            raise _Refused("user not found")  # what the original says here, too
        return self._reservations[reservation_id]

    def get_user_details(self, user_id: str) -> JSON:
        """A user's profile; the table's `state` of the address is shown as `province`."""
        user = self._user(user_id)
        shown = {("province" if key == "state" else key): v for key, v in user["address"].items()}
        return {key: shown if key == "address" else value for key, value in user.items()}

    def list_all_airports(self) -> JSON:
        """Airports by code, with their cities."""
        return AIRPORTS

    def search_direct_flight(self, origin: str, destination: str, date: str) -> JSON:
        """Flights between two airports that can be booked on a day."""
        return [
            _listed(flight, date)
            for flight in self._flights.values()
            if flight["origin"] == origin and flight["destination"] == destination
            if _is_available(flight, date)
        ]

    def search_onestop_flight(self, origin: str, destination: str, date: str) -> JSON:
        """Pairs of flights that can be booked, the second leaving after the first arrives."""
        found = []
        for first in self._flights.values():
            if first["origin"] != origin or not _is_available(first, date):
                continue
            arrival = first["scheduled_arrival_time_est"]
            for second in self._flights.values():
                if (second["origin"], second["destination"]) != (first["destination"], destination):
                    continue
                # An arrival after midnight ("01:30:00+1") is compared as it is written.
                if arrival > second["scheduled_departure_time_est"]:
                    continue
                onward = f"2024-05-{int(date[-2:]) + 1}" if "+1" in arrival else date
                if _is_available(second, onward):
                    # The second flight's seats and prices are those of the first one's day, even
                    # where it leaves a day later: so the recorded results have it.
                    legs = ((first, date), (second, onward))
                    found.append([{**_listed(leg, date), "date": day} for leg, day in legs])
        return found

    def send_certificate(self, user_id: str, amount: float) -> str:
        """Give a user a certificate; at most three can be given."""
        methods = self._user(user_id)["payment_methods"]
        for number in CERTIFICATES:
            name = f"certificate_{number}"
            if name not in methods:
                methods[name] = {"source": "certificate", "amount": amount, "id": name}
                return f"Certificate {name} added to user {user_id} with amount {amount}."
        raise _Refused("too many certificates")

    def think(self, thought: str) -> str:  # noqa: ARG002
        """Nothing happens."""
        return ""

    def transfer_to_human_agents(self, summary: str) -> str:  # noqa: ARG002
        """Hand over to people."""
        return "Transfer successful"

    def update_reservation_baggages(
        self, reservation_id: str, total_baggages: int, nonfree_baggages: int, payment_id: str
    ) -> JSON:
        """Change the baggage; more items that are not free are paid, fewer are not refunded."""
        reservation = self._reservation(reservation_id)
        price = BAGGAGE * max(0, nonfree_baggages - reservation["nonfree_baggages"])
        self._pay_change(reservation, payment_id, price)
        reservation["total_baggages"] = total_baggages
        reservation["nonfree_baggages"] = nonfree_baggages
        return reservation

    def update_reservation_flights(
        self, reservation_id: str, cabin: str, flights: list[JSON], payment_id: str
    ) -> JSON:
        """Change the flights and pay, or get back, the difference.

        Flights that stay keep their price. The reservation's `cabin` stays as it was booked, as
        in the original.
        """
        reservation = self._reservation(reservation_id)
        count = len(reservation["passengers"])
        kept = {
            (each["flight_number"], each["date"]): each
            for each in reversed(reservation["flights"])
            if cabin == reservation["cabin"]
        }
        changed = []
        for flight in flights:
            same = kept.get((flight["flight_number"], flight["date"]))
            changed.append(_priced(flight, same) if same else self._flown(flight, cabin, count))
        price = sum(each["price"] for each in changed) * count
        price -= sum(each["price"] for each in reservation["flights"]) * count
        self._pay_change(reservation, payment_id, price)
        reservation["flights"] = changed
        return reservation

    def update_reservation_passengers(self, reservation_id: str, passengers: list[JSON]) -> JSON:
        """Change who travels; as many as before."""
        reservation = self._reservation(reservation_id)
        if len(passengers) != len(reservation["passengers"]):
            raise _Refused("number of passengers does not match")
        reservation["passengers"] = passengers
        return reservation

    def _user(self, user_id: str) -> JSON:
        if user_id not in self._users:
            raise _Refused("user not found")
        return self._users[user_id]

    def _reservation(self, reservation_id: str) -> JSON:
        if reservation_id not in self._reservations:
            raise _Refused("reservation not found")
        return self._reservations[reservation_id]

    def _flown(self, flight: JSON, cabin: str, seats: int) -> JSON:
        """A flight with its price and airports, where it has seats left."""
        number, date = flight["flight_number"], flight["date"]
        if number not in self._flights:
            raise _Refused(f"flight {number} not found")
        known = self._flights[number]
        if date not in known["dates"]:
            raise _Refused(f"flight {number} not found on date {date}")
        if not _is_available(known, date):
            raise _Refused(f"flight {number} not available on date {date}")
        if known["dates"][date]["available_seats"][cabin] < seats:
            raise _Refused(f"not enough seats on flight {number}")
        return _priced(flight, {**known, "price": known["dates"][date]["prices"][cabin]})

    def _check_payments(self, methods: JSON, payments: list[JSON], price: float) -> None:
        for payment in payments:
            name = payment["payment_id"]
            if name not in methods:
                raise _Refused(f"payment method {name} not found")
            if methods[name]["source"] in PREPAID and methods[name]["amount"] < payment["amount"]:
                raise _Refused(f"not enough balance in payment method {name}")
        paid = sum(payment["amount"] for payment in payments)
        if paid != price:
            raise _Refused(
                f"payment amount does not add up, total price is {price}, but paid {paid}"
            )

    def _pay_change(self, reservation: JSON, payment_id: str, price: float) -> None:
        """Take a price, or give back a negative one, with one of the user's own methods."""
        methods = self._users[reservation["user_id"]]["payment_methods"]
        if payment_id not in methods:
            raise _Refused("payment method not found")
        method = methods[payment_id]
        if method["source"] == "certificate":
            raise _Refused("certificate cannot be used to update reservation")
        if method["source"] == "gift_card":
            if method["amount"] < price:
                raise _Refused("gift card balance is not enough")
            method["amount"] -= price
        if price != 0:
            reservation["payment_history"].append({"payment_id": payment_id, "amount": price})


def _is_available(flight: JSON, date: str) -> bool:
    return date in flight["dates"] and flight["dates"][date]["status"] == "available"


def _listed(flight: JSON, date: str) -> JSON:
    plain = {key: value for key, value in flight.items() if key != "dates"}
    return plain | flight["dates"][date]


def _priced(flight: JSON, known: JSON) -> JSON:
    return {**flight, **{key: known[key] for key in ("price", "origin", "destination")}}


def _deduct(methods: JSON, payment_id: str, amount: float) -> None:
    source = methods[payment_id]["source"]
    if source == "gift_card":
        methods[payment_id]["amount"] -= amount
    elif source == "certificate":
        del methods[payment_id]  # what is left of it is lost

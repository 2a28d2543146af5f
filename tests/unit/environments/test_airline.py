from typing import Any

import pytest

from foretaste.environments.airline import Airline

MAY, NEXT = "2024-05-20", "2024-05-21"
ANN = {"first_name": "Ann", "last_name": "Example", "dob": "1990-01-01"}
BOB = {"first_name": "Bob", "last_name": "Example", "dob": "1991-01-01"}


def day(price: int, seats: int = 2, status: str = "available") -> dict[str, Any]:
    if status != "available":
        return {"status": status}
    cabins = ("basic_economy", "economy", "business")
    return {
        "status": status,
        "available_seats": dict.fromkeys(cabins, seats),
        "prices": {cabin: price * (k + 1) for k, cabin in enumerate(cabins)},
    }


def flight(number: str, way: str, times: str, **dates: dict[str, Any]) -> dict[str, Any]:
    (origin, destination), (leaves, arrives) = way.split("-"), times.split("-")
    return {
        "flight_number": number,
        "origin": origin,
        "destination": destination,
        "scheduled_departure_time_est": leaves,
        "scheduled_arrival_time_est": arrives,
        "dates": {{"may": MAY, "next": NEXT}[key]: value for key, value in dates.items()},
    }


def state() -> dict[str, Any]:
    flights = (
        flight("A1", "AAA-BBB", "08:00:00-10:00:00", may=day(100), next=day(110)),
        flight("A2", "AAA-BBB", "12:00:00-14:00:00", may=day(50, seats=1)),
        flight("A3", "AAA-BBB", "16:00:00-18:00:00", may=day(0, status="delayed")),
        flight("B1", "BBB-CCC", "10:00:00-11:00:00", may=day(30), next=day(35)),
        flight("B2", "BBB-CCC", "09:30:00-11:00:00", may=day(20)),
        flight("N1", "AAA-DDD", "23:00:00-01:00:00+1", may=day(70), next=day(75)),
        flight("N2", "DDD-CCC", "06:00:00-07:00:00", may=day(10), next=day(11)),
    )
    methods = {
        "credit_card_1": {"source": "credit_card", "id": "credit_card_1"},
        "gift_card_1": {"source": "gift_card", "amount": 150, "id": "gift_card_1"},
        "certificate_1": {"source": "certificate", "amount": 300, "id": "certificate_1"},
    }
    return {
        "flights": {each["flight_number"]: each for each in flights},
        "users": {
            "ann": {
                "name": "Ann",
                "address": {"city": "X", "state": "TX", "zip": "1"},
                "payment_methods": methods,
                "reservations": ["R1"],
            }
        },
        "reservations": {
            "R1": {
                "reservation_id": "R1",
                "user_id": "ann",
                "cabin": "economy",
                "flights": [
                    {
                        "origin": "AAA",
                        "destination": "BBB",
                        "flight_number": "A1",
                        "date": MAY,
                        "price": 180,
                    }
                ],
                "passengers": [ANN],
                "payment_history": [{"payment_id": "credit_card_1", "amount": 180}],
                "total_baggages": 1,
                "nonfree_baggages": 0,
            }
        },
    }


@pytest.fixture
def airline() -> Airline:
    return Airline(state())


def legs(*numbers: str, date: str = MAY) -> list[dict[str, Any]]:
    return [{"flight_number": number, "date": date} for number in numbers]


def order(**more: Any) -> dict[str, Any]:
    given = {
        "user_id": "ann",
        "origin": "AAA",
        "destination": "BBB",
        "flight_type": "one_way",
        "cabin": "basic_economy",
        "flights": legs("A1"),
        "passengers": [ANN],
        "payment_methods": [{"payment_id": "credit_card_1", "amount": 100}],
        "total_baggages": 0,
        "nonfree_baggages": 0,
        "insurance": "no",
    }
    return given | more


def paying(**amounts: float) -> list[dict[str, Any]]:
    return [{"payment_id": name, "amount": amount} for name, amount in amounts.items()]


def methods(airline: Airline) -> dict[str, Any]:
    found: dict[str, Any] = airline.get_user_details("ann")["payment_methods"]
    return found


def test_a_booking_is_seen_by_later_reads(airline: Airline) -> None:
    booked = airline.book_reservation(**order())

    assert booked["reservation_id"] == "HATHAT"
    assert booked["flights"] == [
        {**legs("A1")[0], "price": 100, "origin": "AAA", "destination": "BBB"}
    ]
    assert airline.get_reservation_details("HATHAT") == booked
    assert airline.get_user_details("ann")["reservations"] == ["R1", "HATHAT"]


def test_bookings_have_ids_in_order(airline: Airline) -> None:
    names = [airline.book_reservation(**order())["reservation_id"] for _ in range(4)]

    assert names == ["HATHAT", "HATHAU", "HATHAV", "HATHAV"]


def test_a_price_is_of_seats_insurance_and_baggage(airline: Airline) -> None:
    more = {"passengers": [ANN, BOB], "insurance": "yes", "nonfree_baggages": 2}
    pay = paying(credit_card_1=310, gift_card_1=50)

    assert airline.book_reservation(**order(**more, payment_methods=pay))
    assert methods(airline)["gift_card_1"]["amount"] == 100


def test_a_certificate_is_used_up_whatever_is_left_of_it(airline: Airline) -> None:
    airline.book_reservation(**order(payment_methods=paying(certificate_1=100)))

    assert "certificate_1" not in methods(airline)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"user_id": "eve"}, "user not found"),
        ({"flights": legs("Z9")}, "flight Z9 not found"),
        ({"flights": legs("A1", date="2025-01-01")}, "flight A1 not found on date 2025-01-01"),
        ({"flights": legs("A3")}, "flight A3 not available on date 2024-05-20"),
        ({"flights": legs("A2"), "passengers": [ANN, BOB]}, "not enough seats on flight A2"),
        ({"payment_methods": paying(gift_card_9=100)}, "payment method gift_card_9 not found"),
        (
            {"payment_methods": paying(gift_card_1=151)},
            "not enough balance in payment method gift_card_1",
        ),
        (
            {"payment_methods": paying(certificate_1=301)},
            "not enough balance in payment method certificate_1",
        ),
        (
            {"payment_methods": paying(credit_card_1=99)},
            "payment amount does not add up, total price is 100, but paid 99",
        ),
    ],
)
def test_a_booking_that_cannot_be_is_refused_and_changes_nothing(
    airline: Airline, change: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Exception, match=f"^{reason}$"):
        airline.book_reservation(**order(**change))

    assert airline.get_user_details("ann") == Airline(state()).get_user_details("ann")


def test_a_cancelled_reservation_notes_its_refunds(airline: Airline) -> None:
    cancelled = airline.cancel_reservation("R1")

    assert cancelled["status"] == "cancelled"
    assert [paid["amount"] for paid in cancelled["payment_history"]] == [180, -180]
    assert airline.get_reservation_details("R1") == cancelled


def test_a_profile_shows_the_state_of_an_address_as_province(airline: Airline) -> None:
    shown = airline.get_user_details("ann")["address"]

    assert list(shown.items()) == [("city", "X"), ("province", "TX"), ("zip", "1")]


def test_direct_flights_are_those_that_can_be_booked(airline: Airline) -> None:
    found = airline.search_direct_flight("AAA", "BBB", MAY)

    assert [each["flight_number"] for each in found] == ["A1", "A2"]
    assert found[0].keys() == {*state()["flights"]["A1"], *day(1)} - {"dates"}
    assert airline.search_direct_flight("AAA", "BBB", "soon") == []


def test_the_second_flight_leaves_after_the_first_arrives(airline: Airline) -> None:
    found = airline.search_onestop_flight("AAA", "CCC", MAY)
    pairs = [[leg["flight_number"] for leg in pair] for pair in found]

    assert pairs == [["A1", "B1"], ["N1", "N2"]]  # B2 has left by then


def test_after_a_night_flight_one_goes_on_the_next_day(airline: Airline) -> None:
    one, two = airline.search_onestop_flight("AAA", "CCC", MAY)[-1]

    assert [one["date"], two["date"]] == [MAY, NEXT]
    assert two["prices"] == day(10)["prices"]  # those of the first day


def test_three_certificates_can_be_given(airline: Airline) -> None:
    texts = [airline.send_certificate("ann", 50) for _ in range(3)]

    assert texts[1] == "Certificate certificate_3221323 added to user ann with amount 50."
    assert methods(airline)["certificate_3221324"]["amount"] == 50
    with pytest.raises(Exception, match="too many"):
        airline.send_certificate("ann", 50)


def test_more_baggage_is_paid_and_less_is_not_refunded(airline: Airline) -> None:
    airline.update_reservation_baggages("R1", 3, 2, "gift_card_1")
    fewer = airline.update_reservation_baggages("R1", 1, 0, "gift_card_1")

    assert methods(airline)["gift_card_1"]["amount"] == 50
    assert [paid["amount"] for paid in fewer["payment_history"]] == [180, 100]
    assert (fewer["total_baggages"], fewer["nonfree_baggages"]) == (1, 0)


def test_flights_that_stay_keep_their_price(airline: Airline) -> None:
    changed = airline.update_reservation_flights("R1", "economy", legs("A1", "B1"), "gift_card_1")

    assert [each["price"] for each in changed["flights"]] == [180, 60]
    assert changed["payment_history"][-1] == {"payment_id": "gift_card_1", "amount": 60}
    assert methods(airline)["gift_card_1"]["amount"] == 90


def test_a_cheaper_flight_gives_the_difference_back(airline: Airline) -> None:
    changed = airline.update_reservation_flights("R1", "basic_economy", legs("A1"), "gift_card_1")

    assert changed["payment_history"][-1]["amount"] == -80
    assert methods(airline)["gift_card_1"]["amount"] == 230
    assert changed["cabin"] == "economy"  # as in the original


@pytest.mark.parametrize(
    ("flights", "method", "reason"),
    [
        (legs("Z9"), "credit_card_1", "flight Z9 not found"),
        (legs("A3"), "credit_card_1", f"flight A3 not available on date {MAY}"),
        (legs("A1"), "credit_card_9", "payment method not found"),
        (legs("A1"), "certificate_1", "certificate cannot be used to update reservation"),
        (legs("A1", "A2", "B1"), "gift_card_1", "gift card balance is not enough"),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    airline: Airline, flights: list[dict[str, Any]], method: str, reason: str
) -> None:
    with pytest.raises(Exception, match=f"^{reason}$"):
        airline.update_reservation_flights("R1", "economy", flights, method)

    assert airline.get_reservation_details("R1") == state()["reservations"]["R1"]


def test_other_people_may_travel_but_not_more(airline: Airline) -> None:
    assert airline.update_reservation_passengers("R1", [BOB])["passengers"] == [BOB]
    with pytest.raises(Exception, match="number of passengers does not match"):
        airline.update_reservation_passengers("R1", [ANN, BOB])


@pytest.mark.parametrize(
    "tool", ["cancel_reservation", "get_reservation_details", "get_user_details"]
)
def test_what_does_not_exist_is_not_found(airline: Airline, tool: str) -> None:
    with pytest.raises(Exception, match="not found"):
        getattr(airline, tool)("nobody")


def test_tools_that_know_nothing_say_so(airline: Airline) -> None:
    assert airline.think("hm") == ""
    assert airline.transfer_to_human_agents("a refund") == "Transfer successful"
    assert airline.calculate("2 * 3") == "6.0"
    assert airline.list_all_airports()["LGA"] == "LaGuardia"

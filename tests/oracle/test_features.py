"""Tests of the oracle, with values worked out by hand: one for each definition of FEATURES.md.

    cd tests/oracle && python3 -m unittest
"""

import contextlib
import gzip
import io
import math
import os
import struct
import tempfile
import unittest

import captures
import features
import flows as flow_table
import layers
import samples
from builder import A, B, A6, B6, Trace, ethernet, icmp, ipv4, ipv6, tcp, udp

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << bit for bit in range(8))
OPTION = b"\2\4\5\xb4"  # maximum segment size, 4 bytes


def assembled(trace, **options):
    return flow_table.assemble(trace.capture(), flow_table.Options(**options))


def only_flow(trace, **options):
    found = assembled(trace, **options).flows
    assert len(found) == 1, len(found)
    return found[0]


def cic(trace):
    return features.cic(only_flow(trace))


def reasons(trace, **options):
    return dict(assembled(trace, **options).accounting.reasons)


def conversation():
    """A whole TCP connection of nine packets; the tests' figures are worked out from this table.

    It begins at second 1000.
    """
    trace = Trace()
    trace.tcp(1000.0, True, flags=SYN, sequence=99, window=1000, options=OPTION)
    trace.tcp(1000.1, False, flags=SYN | ACK, sequence=499, acknowledgement=100, window=2000, options=OPTION)
    trace.tcp(1000.2, True, flags=ACK, sequence=100, acknowledgement=500, window=3000)
    trace.tcp(1000.3, True, payload=100, flags=PSH | ACK, sequence=100, acknowledgement=500)
    trace.tcp(1000.5, False, payload=300, flags=PSH | ACK, sequence=500, acknowledgement=200)
    trace.tcp(1007.5, False, payload=500, flags=PSH | ACK, sequence=800, acknowledgement=200)
    trace.tcp(1007.6, True, flags=FIN | ACK, sequence=200, acknowledgement=1300)
    trace.tcp(1007.8, False, flags=FIN | ACK, sequence=1300, acknowledgement=201)
    trace.tcp(1009.8, True, flags=ACK, sequence=201, acknowledgement=1301)
    return trace


class Case(unittest.TestCase):
    def check(self, row, expected):
        for name, value in expected.items():
            with self.subTest(column=name):
                if isinstance(value, float):
                    self.assertIsNotNone(row[name])
                    self.assertTrue(math.isclose(row[name], value, rel_tol=1e-12), f"{row[name]} is not {value}")
                else:
                    self.assertEqual(row[name], value)


class Conversation(Case):
    """The definitions, on `conversation()`."""

    def setUp(self):
        self.flow = only_flow(conversation())
        self.row = features.cic(self.flow)

    def test_there_are_84_columns_with_the_label(self):
        self.assertEqual(len(self.row) + 1, 84)

    def test_head(self):
        expected = {"Flow ID": "10.0.0.1-10.0.0.2-1000-80-6", "Src IP": A, "Src Port": 1000, "Dst IP": B, "Dst Port": 80, "Protocol": 6}
        self.check(self.row, expected | {"Timestamp": "1970-01-01T00:16:40.000000Z", "Flow Duration": 9_800_000.0})

    def test_lengths_are_payload_and_each_packet_counts_once(self):
        expected = {"Total Fwd Packet": 5, "Total Bwd packets": 4, "Total Length of Fwd Packet": 100, "Total Length of Bwd Packet": 800}
        expected |= {"Packet Length Min": 0, "Packet Length Max": 500, "Packet Length Mean": 100.0, "Average Packet Size": 100.0}
        self.check(self.row, expected)

    def test_standard_deviation_is_of_n_minus_1(self):
        # forward 0 0 100 0 0; backward 0 300 500 0; all: 6 zeros, 100, 300, 500
        expected = {"Fwd Packet Length Mean": 20.0, "Fwd Packet Length Std": math.sqrt((80**2 + 4 * 20**2) / 4)}
        expected |= {"Bwd Packet Length Mean": 200.0, "Bwd Packet Length Std": math.sqrt(180_000 / 3)}
        expected |= {"Packet Length Variance": 260_000 / 8, "Packet Length Std": math.sqrt(260_000 / 8)}
        self.check(self.row, expected)

    def test_segment_size_is_the_mean_of_the_direction(self):
        self.check(self.row, {"Fwd Segment Size Avg": 20.0, "Bwd Segment Size Avg": 200.0})

    def test_rates(self):
        expected = {"Flow Bytes/s": 900 / 9.8, "Flow Packets/s": 9 / 9.8, "Fwd Packets/s": 5 / 9.8, "Bwd Packets/s": 4 / 9.8}
        self.check(self.row, expected)

    def test_inter_arrival_of_the_flow(self):
        # 0.1 0.1 0.1 0.2 7 0.1 0.2 2 seconds
        expected = {"Flow IAT Mean": 1_225_000.0, "Flow IAT Std": math.sqrt(41.115 / 7) * 1e6, "Flow IAT Max": 7e6, "Flow IAT Min": 1e5}
        self.check(self.row, expected)

    def test_inter_arrival_of_a_direction_is_between_packets_of_that_direction(self):
        # forward 0 0.2 0.3 7.6 9.8; backward 0.1 0.5 7.5 7.8
        expected = {"Fwd IAT Total": 9.8e6, "Fwd IAT Mean": 2.45e6, "Fwd IAT Max": 7.3e6, "Fwd IAT Min": 1e5}
        expected |= {"Fwd IAT Std": math.sqrt((2.25**2 + 2.35**2 + 4.85**2 + 0.25**2) / 3) * 1e6}
        expected |= {"Bwd IAT Total": 7.7e6, "Bwd IAT Mean": 7.7e6 / 3, "Bwd IAT Max": 7e6, "Bwd IAT Min": 3e5}
        self.check(self.row, expected)

    def test_flags_are_counts_over_all_packets(self):
        expected = {"FIN Flag Count": 2, "SYN Flag Count": 2, "RST Flag Count": 0, "PSH Flag Count": 3, "ACK Flag Count": 8}
        expected |= {"URG Flag Count": 0, "Fwd PSH Flags": 1, "Bwd PSH Flags": 2, "Fwd URG Flags": 0, "Bwd URG Flags": 0}
        self.check(self.row, expected)

    def test_header_bytes_are_of_the_transport_header(self):
        self.check(self.row, {"Fwd Header Length": 24 + 4 * 20, "Bwd Header Length": 24 + 3 * 20, "Fwd Seg Size Min": 20})
        ip = {"fwd_ip_header_bytes": 5 * 20, "bwd_ip_header_bytes": 4 * 20, "fwd_transport_header_bytes": 104}
        self.check(features.flows_set(self.flow), ip)

    def test_down_up_is_packets_backward_over_forward(self):
        self.check(self.row, {"Down/Up Ratio": 0.8})

    def test_subflows_are_one_more_than_gaps_above_a_second_and_averages_are_real(self):
        expected = {"Subflow Fwd Packets": 5 / 3, "Subflow Fwd Bytes": 100 / 3, "Subflow Bwd Packets": 4 / 3, "Subflow Bwd Bytes": 800 / 3}
        self.check(self.row, expected)

    def test_initial_windows_are_raw_and_of_the_first_packet(self):
        self.check(self.row, {"FWD Init Win Bytes": 1000, "Bwd Init Win Bytes": 2000})

    def test_active_data_packets_have_payload(self):
        self.check(self.row, {"Fwd Act Data Pkts": 1})

    def test_active_runs_lie_between_idle_gaps_the_last_included(self):
        # 0–0.5, then 7 s nothing, 7.5–9.8
        expected = {"Active Mean": 1.4e6, "Active Std": 1.8 / math.sqrt(2) * 1e6, "Active Max": 2.3e6, "Active Min": 0.5e6}
        self.check(self.row, expected | {"Idle Mean": 7e6, "Idle Std": None, "Idle Max": 7e6, "Idle Min": 7e6})

    def test_end(self):
        self.assertEqual(self.flow.end_reason, "end of flow")
        self.assertEqual(self.flow.direction_basis, "SYN")


class LengthFamilies(Case):
    def test_padding_is_frame_but_neither_ip_nor_payload(self):
        trace = Trace()
        trace.frame(0, ethernet(ipv4(udp(b"ab"), 17)) + bytes(16))
        row = features.flows_set(only_flow(trace))
        self.check(row, {"fwd_frame_bytes": 60, "fwd_ip_bytes": 30, "fwd_payload_bytes": 2, "fwd_transport_header_bytes": 8})

    def test_frame_bytes_are_those_on_the_wire_and_payload_need_not_be_captured(self):
        trace = Trace()
        frame = ethernet(ipv4(tcp(bytes(1000)), 6))
        trace.frame(0, frame[:60], wire=len(frame))
        self.check(features.flows_set(only_flow(trace)), {"fwd_frame_bytes": 1054, "fwd_ip_bytes": 1040, "fwd_payload_bytes": 1000})

    def test_ip_length_0_reaches_as_far_as_the_wire(self):
        trace = Trace()
        trace.frame(0, ethernet(ipv4(tcp(bytes(50)), 6, total=0)), wire=3054)
        self.check(features.flows_set(only_flow(trace)), {"fwd_ip_bytes": 3040, "fwd_payload_bytes": 3000})

    def test_ip_options_and_extension_headers_are_ip_header(self):
        trace = Trace()
        trace.frame(0, ethernet(ipv4(udp(b"abc"), 17, options=bytes(8))))
        self.check(features.flows_set(only_flow(trace)), {"fwd_ip_header_bytes": 28, "fwd_payload_bytes": 3})
        trace = Trace()
        trace.frame(0, ethernet(ipv6(b"\x11\0" + bytes(6) + udp(b"abc"), 0), 0x86DD))
        row = features.flows_set(only_flow(trace))
        self.check(row, {"fwd_ip_header_bytes": 48, "fwd_ip_bytes": 59, "fwd_payload_bytes": 3, "protocol": 17})


class Undefined(Case):
    def test_one_packet(self):
        trace = Trace()
        trace.tcp(1, payload=7, flags=SYN)
        empty = ["Flow Bytes/s", "Flow Packets/s", "Fwd Packets/s", "Bwd Packets/s", "Flow IAT Mean", "Flow IAT Std", "Flow IAT Max", "Flow IAT Min"]
        empty += [f"Bwd Packet Length {name}" for name in ("Max", "Min", "Mean", "Std")] + ["Fwd Packet Length Std", "Packet Length Std"]
        empty += ["Packet Length Variance", "Fwd IAT Mean", "Bwd IAT Mean", "Bwd Segment Size Avg", "Bwd Init Win Bytes", "Active Std"]
        empty += [f"Idle {name}" for name in ("Mean", "Std", "Max", "Min")] + ["Fwd Bytes/Bulk Avg", "Fwd Packet/Bulk Avg", "Fwd Bulk Rate Avg"]
        defined = {"Down/Up Ratio": 0.0, "Active Mean": 0.0, "Active Min": 0.0, "Fwd IAT Total": 0.0, "Packet Length Mean": 7.0, "Flow Duration": 0.0}
        self.check(cic(trace), dict.fromkeys(empty) | defined | {"Subflow Bwd Bytes": 0.0, "Total Length of Bwd Packet": 0})

    def test_a_direction_without_packets_has_rate_0_if_the_flow_lasts(self):
        trace = Trace()
        trace.udp(0)
        trace.udp(2)
        self.check(cic(trace), {"Bwd Packets/s": 0.0, "Fwd Packets/s": 1.0, "FWD Init Win Bytes": None, "Flow IAT Std": None, "Flow IAT Mean": 2e6})

    def test_no_forward_packet(self):
        trace = Trace()
        trace.tcp(0, False, flags=SYN | ACK)
        self.check(cic(trace), {"Down/Up Ratio": None, "Fwd Seg Size Min": None, "Total Bwd packets": 1, "Src Port": 1000})

    def test_two_packets_have_deviation_and_variance(self):
        trace = Trace()
        trace.udp(0, payload=1)
        trace.udp(0, payload=3)
        row = cic(trace)
        self.check(row, {"Packet Length Variance": 2.0, "Fwd Packet Length Std": math.sqrt(2), "Flow IAT Std": None, "Fwd Act Data Pkts": 2})
        self.check(row, {"Flow Bytes/s": None, "Flow IAT Min": 0.0})

    def test_a_protocol_without_known_header_has_no_segment_size(self):
        trace = Trace()
        trace.frame(0, ethernet(ipv4(bytes(30), 50)))
        self.check(cic(trace), {"Fwd Seg Size Min": None, "Fwd Header Length": 0, "Total Length of Fwd Packet": 30, "Src Port": 0})

    def test_empty_cells(self):
        file = io.StringIO()
        features.write_csv([{"a": None, "b": 0.1, "c": 3}], file)
        self.assertEqual(file.getvalue(), "a,b,c\n,0.1,3\n")


class Bulks(Case):
    def bulk(self, *packets):
        """(seconds, forward, payload) each."""
        trace = Trace()
        for seconds, forward, payload in packets:
            trace.udp(seconds, forward, payload)
        return cic(trace)

    def test_four_packets_with_gaps_of_at_most_a_second(self):
        row = self.bulk((0, True, 10), (1, True, 20), (2, True, 30), (2.5, True, 40))
        self.check(row, {"Fwd Bytes/Bulk Avg": 100.0, "Fwd Packet/Bulk Avg": 4.0, "Fwd Bulk Rate Avg": 40.0, "Bwd Bytes/Bulk Avg": None})

    def test_three_packets_are_none(self):
        self.check(self.bulk((0, True, 10), (1, True, 20), (2, True, 30)), {"Fwd Bytes/Bulk Avg": None})

    def test_a_longer_gap_ends_the_run(self):
        row = self.bulk((0, True, 1), (1, True, 1), (2, True, 1), (3.1, True, 1), (3.2, True, 1))
        self.check(row, {"Fwd Bytes/Bulk Avg": None})

    def test_data_of_the_other_direction_ends_it_but_no_empty_packet_does(self):
        row = self.bulk((0, True, 1), (0.1, True, 1), (0.2, False, 1), (0.3, True, 1), (0.4, True, 1))
        self.check(row, {"Fwd Bytes/Bulk Avg": None})
        row = self.bulk((0, True, 1), (0.1, True, 1), (0.2, False, 0), (0.3, True, 1), (0.4, True, 1))
        self.check(row, {"Fwd Bytes/Bulk Avg": 4.0, "Fwd Bulk Rate Avg": 10.0})

    def test_an_empty_packet_bridges_no_gap(self):
        row = self.bulk((0, True, 1), (0.1, True, 1), (0.2, True, 1), (0.9, True, 0), (1.5, True, 1))
        self.check(row, {"Fwd Bytes/Bulk Avg": None})

    def test_averages_and_rate_over_two_bulks(self):
        first = [(tenth / 10, True, 10) for tenth in range(4)]  # 40 bytes in 0.3 s
        second = [(5 + tenth / 10, True, 20) for tenth in range(6)]  # 120 bytes in 0.5 s
        row = self.bulk(*first, *second)
        self.check(row, {"Fwd Bytes/Bulk Avg": 80.0, "Fwd Packet/Bulk Avg": 5.0, "Fwd Bulk Rate Avg": 200.0})

    def test_no_rate_without_duration(self):
        self.check(self.bulk(*[(3, False, 5)] * 4), {"Fwd Bytes/Bulk Avg": 20.0, "Fwd Bulk Rate Avg": None})


class Thresholds(Case):
    def test_active_idle_at_exactly_5_seconds_goes_on(self):
        trace = Trace()
        for seconds in (0, 5, 10.001):
            trace.udp(seconds)
        self.check(cic(trace), {"Active Mean": 2.5e6, "Active Max": 5e6, "Active Min": 0.0, "Idle Mean": 5.001e6})

    def test_subflow_gap_of_exactly_1_second_is_none(self):
        trace = Trace()
        for seconds in (0, 1, 2.000001):
            trace.udp(seconds)
        self.check(cic(trace), {"Subflow Fwd Packets": 1.5})

    def test_idle_timeout_is_more_than_120_seconds(self):
        trace = Trace()
        for seconds in (0, 120, 240.000001):
            trace.udp(seconds)
        found = assembled(trace).flows
        self.assertEqual([len(flow.packets) for flow in found], [2, 1])
        self.assertEqual([flow.end_reason for flow in found], ["idle timeout", "forced end"])

    def test_active_timeout(self):
        trace = Trace()
        for seconds in (1000, 1060, 1061):
            trace.udp(seconds)
        found = assembled(trace, active=60 * 10**9).flows
        self.assertEqual([(len(flow.packets), flow.end_reason) for flow in found], [(2, "active timeout"), (1, "forced end")])

    def test_a_flow_that_others_outlive_by_the_timeout_is_still_open(self):
        trace = Trace()
        trace.udp(0)
        trace.tcp(120)
        self.assertEqual([flow.end_reason for flow in assembled(trace, active=120 * 10**9).flows], ["forced end", "forced end"])
        trace.tcp(121)
        self.assertEqual(assembled(trace, idle=10**12, active=120 * 10**9).flows[0].end_reason, "active timeout")

    def test_a_flow_that_others_outlive_ends_idle(self):
        trace = Trace()
        trace.udp(0)
        trace.tcp(200)
        self.assertEqual([flow.end_reason for flow in assembled(trace).flows], ["idle timeout", "forced end"])

    def test_time_does_not_run_backwards_inside_a_flow(self):
        trace = Trace()
        for seconds in (1, 3, 2, 4):
            trace.udp(seconds)
        self.check(cic(trace), {"Flow IAT Min": 0.0, "Flow IAT Max": 2e6, "Flow Duration": 3e6, "Fwd IAT Total": 3e6})


class Closing(Case):
    def lengths(self, trace):
        return [(len(flow.packets), flow.end_reason) for flow in assembled(trace).flows]

    def test_late_packets_belong_to_a_closed_flow_and_a_new_syn_opens_another(self):
        trace = conversation()
        trace.tcp(1010, False, flags=ACK, sequence=1301, acknowledgement=201)
        trace.tcp(1011, True, flags=SYN, sequence=99)  # the first SYN once more
        trace.tcp(1012, True, flags=SYN, sequence=5000)
        self.assertEqual(self.lengths(trace), [(11, "end of flow"), (1, "forced end")])

    def test_reset_closes(self):
        trace = Trace()
        trace.tcp(0, True, flags=SYN, sequence=1)
        trace.tcp(1, False, flags=RST | ACK)
        trace.tcp(2, True, flags=SYN, sequence=2)
        self.assertEqual(self.lengths(trace), [(2, "end of flow"), (1, "forced end")])

    def test_an_open_flow_goes_on_at_another_syn(self):
        trace = Trace()
        trace.tcp(0, True, flags=SYN, sequence=1)
        trace.tcp(2, True, flags=SYN, sequence=2)
        self.assertEqual(self.lengths(trace), [(2, "forced end")])

    def test_without_the_closing_acknowledgement_the_flow_is_open(self):
        trace = conversation()
        trace.packets.pop()
        self.assertEqual(self.lengths(trace), [(8, "forced end")])
        trace.tcp(1009, True, flags=ACK, acknowledgement=1300)  # does not cover the second FIN
        self.assertEqual(self.lengths(trace), [(9, "forced end")])

    def test_the_opener_of_the_next_connection_may_be_the_other_side(self):
        trace = Trace()
        trace.tcp(0, True, flags=RST)
        trace.tcp(1, False, flags=SYN, sequence=7)
        second = assembled(trace).flows[1]
        self.assertEqual((second.initiator[1], second.direction_basis), (80, "SYN"))


    def test_a_fin_is_acknowledged_behind_its_data_also_where_numbers_wrap(self):
        trace = Trace()
        trace.tcp(0, True, flags=FIN | ACK, sequence=5)
        trace.tcp(1, False, payload=10, flags=FIN | ACK, sequence=2**32 - 6, acknowledgement=6)  # ends at 4, its FIN at 5
        trace.tcp(2, True, flags=ACK, acknowledgement=4)
        self.assertEqual(self.lengths(trace), [(3, "forced end")])
        trace.tcp(3, False, flags=ACK, acknowledgement=6)  # not from the receiver of the second FIN
        self.assertEqual(self.lengths(trace), [(4, "forced end")])
        trace.tcp(4, True, flags=ACK, acknowledgement=5)
        self.assertEqual(self.lengths(trace), [(5, "end of flow")])

    def test_the_first_syn_is_the_one_that_counts(self):
        trace = Trace()
        trace.tcp(0, True, flags=SYN, sequence=1)
        trace.tcp(1, True, flags=SYN, sequence=2)
        trace.tcp(2, False, flags=RST)
        trace.tcp(3, True, flags=SYN, sequence=1)
        trace.tcp(4, True, flags=SYN, sequence=2)
        self.assertEqual(self.lengths(trace), [(4, "end of flow"), (1, "forced end")])

    def test_an_idle_closed_flow_ended_by_closing(self):
        trace = Trace()
        trace.tcp(0, True, flags=RST)
        trace.tcp(500, True, flags=ACK)
        self.assertEqual(self.lengths(trace), [(1, "end of flow"), (1, "forced end")])


class Keys(Case):
    def test_each_part_of_the_key_counts(self):
        trace = Trace()
        for ends, ports, protocol in (((A, B), (1, 2), 17), ((A, "10.0.0.3"), (1, 2), 17), ((A, B), (1, 3), 17), (("10.0.0.3", B), (1, 2), 17)):
            trace.frame(0, ethernet(ipv4(udp(b"", ports), protocol, ends)))
        trace.frame(0, ethernet(ipv4(udp(b"", (1, 2)) + bytes(8), 132)))
        trace.frame(0, ethernet(ipv4(udp(b"", (2, 1)), 17, (B, A))))
        trace.frame(0, ethernet(ipv4(udp(b"", (2, 1)), 17, (A, B))))
        trace.frame(0, ethernet(ipv4(udp(b"", (3, 2)), 17, (A, B))))
        self.assertEqual([len(flow.packets) for flow in assembled(trace).flows], [2, 1, 1, 1, 1, 1, 1])

    def test_ports_of_sctp_and_its_header(self):
        trace = Trace()
        trace.frame(0, ethernet(ipv4(struct.pack(">HH", 5, 6) + bytes(8) + bytes(16), 132)))
        row = features.flows_set(only_flow(trace))
        self.check(row, {"src_port": 5, "dst_port": 6, "fwd_transport_header_bytes": 12, "fwd_payload_bytes": 16})

    def test_authentication_header_is_a_protocol(self):
        trace = Trace()
        trace.frame(0, ethernet(ipv4(b"\x06\4" + bytes(22) + tcp(), 51)))
        trace.frame(0, ethernet(ipv6(b"\x06\4" + bytes(22) + tcp(), 51), 0x86DD))
        self.assertEqual([(flow.protocol, flow.version) for flow in assembled(trace).flows], [(51, 4), (51, 6)])

    def test_a_talk_with_oneself_is_forward(self):
        trace = Trace()
        for _ in range(2):
            trace.frame(0, ethernet(ipv4(udp(b"", (7, 7)), 17, (A, A))))
        self.assertEqual([packet.forward for packet in only_flow(trace).packets], [True, True])


class Direction(Case):
    def test_the_receiver_of_a_leading_syn_ack_is_the_initiator(self):
        trace = Trace()
        trace.tcp(0, False, flags=SYN | ACK)
        trace.tcp(1, True, flags=ACK)
        flow = only_flow(trace)
        self.assertEqual((flow.initiator[1], flow.direction_basis, len(flow.forward)), (1000, "SYN-ACK", 1))

    def test_else_the_first_sender_is(self):
        trace = Trace()
        trace.udp(0, False)
        trace.udp(1, True)
        flow = only_flow(trace)
        self.assertEqual((flow.initiator[1], flow.direction_basis), (53, "first packet"))


class Icmp(Case):
    def flows(self, *messages, version=4):
        trace = Trace()
        for number, (forward, message) in enumerate(messages):
            if version == 4:
                data = ethernet(ipv4(message, 1, (A, B) if forward else (B, A)))
            else:
                data = ethernet(ipv6(message, 58, (A6, B6) if forward else (B6, A6)), 0x86DD)
            trace.frame(number, data)
        return assembled(trace).flows

    def test_request_and_answer_are_one_flow_by_identifier(self):
        found = self.flows((True, icmp(8, 0, 1)), (False, icmp(0, 0, 1)), (True, icmp(8, 0, 2)))
        self.assertEqual([len(flow.packets) for flow in found], [2, 1])

    def test_messages_without_identifier_ignore_those_bytes(self):
        found = self.flows((True, icmp(3, 1, 1)), (True, icmp(3, 1, 2)), (True, icmp(3, 3, 1)))
        self.assertEqual([len(flow.packets) for flow in found], [2, 1])

    def test_version_6(self):
        found = self.flows((True, icmp(135)), (False, icmp(136)), (True, icmp(128, 0, 5)), version=6)
        self.assertEqual([len(flow.packets) for flow in found], [2, 1])

    def test_header_is_8_bytes(self):
        (flow,) = self.flows((True, icmp(8, 0, 1, bytes(56))))
        self.check(features.cic(flow), {"Fwd Header Length": 8, "Total Length of Fwd Packet": 56, "Fwd Seg Size Min": 8})


    def test_canonical_types(self):
        pairs = {1: ((8, 0), (14, 13), (16, 15), (18, 17), (10, 9), (43, 42))}
        pairs[58] = ((129, 128), (131, 130), (134, 133), (136, 135), (140, 139), (145, 144), (147, 146), (161, 160))
        for protocol, couples in pairs.items():
            for higher, lower in couples:
                for kind in (higher, lower):
                    self.assertEqual(layers.canonical_icmp_type(protocol, kind), lower)
        for protocol, kind in ((1, 3), (1, 11), (1, 5), (58, 1), (58, 143), (58, 132)):
            self.assertEqual(layers.canonical_icmp_type(protocol, kind), kind)

    def test_types_with_identifier(self):
        wanted = [0, 8, 13, 14, 15, 16, 17, 18, 42, 43]
        self.assertEqual([kind for kind in range(256) if len(self.flows((True, icmp(kind, 0, 1)), (True, icmp(kind, 0, 2)))) == 2], wanted)
        wanted = [128, 129, 144, 145, 146, 147, 160, 161]
        both = lambda kind: self.flows((True, icmp(kind, 0, 1)), (True, icmp(kind, 0, 2)), version=6)
        self.assertEqual([kind for kind in range(256) if len(both(kind)) == 2], wanted)

    def test_community_id_does_not_depend_on_the_direction(self):
        for kind, answer in ((8, 0), (13, 14), (10, 9)):
            (first,), (second,) = self.flows((True, icmp(kind))), self.flows((False, icmp(answer)))
            self.assertEqual(features.community_id(first), features.community_id(second))
        (first,), (second,) = self.flows((True, icmp(3))), self.flows((False, icmp(3)))
        self.assertNotEqual(features.community_id(first), features.community_id(second))


class Fragments(Case):
    def setUp(self):
        self.datagram = udp(bytes(100))
        self.first = ethernet(ipv4(self.datagram[:64], 17, identification=7, fragment=0x2000))
        self.later = ethernet(ipv4(self.datagram[64:], 17, identification=7, fragment=8))

    def test_later_fragments_follow_their_first(self):
        trace = Trace()
        trace.frame(0, self.first)
        trace.frame(1, self.later)
        flow = only_flow(trace)
        expected = {"src_port": 1000, "fwd_packets": 2, "fwd_payload_bytes": 100, "fwd_transport_header_bytes": 8, "fwd_ip_bytes": 148}
        self.check(features.flows_set(flow), expected)

    def test_a_later_fragment_without_its_first_is_lost(self):
        trace = Trace()
        trace.frame(0, self.later)
        trace.frame(1, self.first)
        self.assertEqual(reasons(trace), {"lost fragment": 1})

    def test_a_protocol_without_ports_needs_no_first(self):
        trace = Trace()
        trace.frame(0, ethernet(ipv4(bytes(8), 50, identification=7, fragment=8)))
        self.check(features.flows_set(only_flow(trace)), {"protocol": 50, "fwd_payload_bytes": 8})

    def test_another_sample_has_other_fragments(self):
        trace = Trace()
        trace.frame(0, self.first, comments=["1,x"])
        trace.frame(1, self.later, comments=["2,y"])
        self.assertEqual(reasons(trace), {"lost fragment": 1})

    def test_version_6(self):
        trace = Trace()
        head = lambda field: b"\x11\0" + struct.pack(">HI", field, 9)
        trace.frame(0, ethernet(ipv6(head(1) + self.datagram[:64], 44), 0x86DD))
        trace.frame(1, ethernet(ipv6(head(64) + self.datagram[64:], 44), 0x86DD))
        self.check(features.flows_set(only_flow(trace)), {"fwd_packets": 2, "fwd_payload_bytes": 100, "fwd_ip_header_bytes": 96})

    def test_an_atomic_fragment_is_none(self):
        trace = Trace()
        trace.frame(0, ethernet(ipv6(b"\x11\0\0\0\0\0\0\1" + udp(b"abc"), 44), 0x86DD))
        flow = only_flow(trace)
        self.assertEqual((flow.initiator[1], flow.packets[0].datagram.firsts), (1000, []))

    def test_a_tiny_first_fragment_cuts_the_transport_header(self):
        trace = Trace()
        trace.frame(0, ethernet(ipv4(tcp()[:16], 6, fragment=0x2000)))
        self.assertEqual(reasons(trace), {"cut": 1})

    def test_a_fragmented_tunnel_gives_the_inner_flow_and_counts_each_byte_once(self):
        inner = ipv4(udp(bytes(100)), 17, ends=("1.1.1.1", "2.2.2.2"))  # 128 bytes
        trace = Trace()
        trace.frame(0, ethernet(ipv4(inner[:64], 4, identification=3, fragment=0x2000)))
        trace.frame(1, ethernet(ipv4(inner[64:], 4, identification=3, fragment=8)))
        self.check(features.flows_set(only_flow(trace)), {"src_ip": "1.1.1.1", "fwd_packets": 2, "fwd_payload_bytes": 100})


class Reasons(Case):
    def reason(self, data, wire=None, link=1, seconds=0):
        trace = Trace(link)
        trace.frame(seconds, data, wire)
        (reason,) = reasons(trace)
        return reason

    def test_not_ip(self):
        self.assertEqual(self.reason(ethernet(bytes(28), 0x0806)), "not IP: ARP")
        self.assertEqual(self.reason(ethernet(bytes(28), 0x1234)), "not IP: ethertype 0x1234")
        self.assertEqual(self.reason(ethernet(b"\x42\x42\3" + bytes(35), 38)), "not IP: LLC")

    def test_cut(self):
        whole = ethernet(ipv4(tcp(bytes(10)), 6))
        for captured in (10, 14, 33, 34, 53):
            self.assertEqual(self.reason(whole[:captured], len(whole)), "cut")
        options = ethernet(ipv4(tcp(options=bytes(8)), 6))
        self.assertEqual(self.reason(options[:54], len(options)), "cut")

    def test_broken(self):
        self.assertEqual(self.reason(ethernet(b"\x55" + bytes(39))), "broken")
        self.assertEqual(self.reason(ethernet(ipv4(udp(), 17, total=10))), "broken")
        self.assertEqual(self.reason(ethernet(ipv4(tcp()[:12], 6))), "broken")
        self.assertEqual(self.reason(ethernet(ipv4(tcp()[:12] + b"\x40" + bytes(7), 6))), "broken")
        self.assertEqual(self.reason(ethernet(ipv4(tcp()[:12] + b"\x60" + bytes(7), 6))), "broken")
        self.assertEqual(self.reason(b"abc"), "broken")

    def test_others(self):
        self.assertEqual(self.reason(bytes(60), link=147), "unknown link type")
        self.assertEqual(self.reason(ethernet(ipv4(udp(), 17)), seconds=None), "no time")
        self.assertEqual(self.reason(ethernet(ipv4(udp(), 17)), seconds=2**63 / 10**9), "no time")

    def test_accounting_leaves_no_remainder(self):
        trace = conversation()
        trace.frame(1003, ethernet(bytes(28), 0x0806))
        trace.frame(1003, b"")
        accounting = assembled(trace).accounting
        self.assertEqual((accounting.read, accounting.in_flows, sum(accounting.reasons.values())), (11, 9, 2))


class Samples(Case):
    def test_comments(self):
        self.assertEqual(samples.parse("12,web"), samples.Sample(12, "web"))
        self.assertEqual(samples.parse("12,a%2Cb,os=x%3Dy,p.dir=f,e=1"), samples.Sample(12, "a,b", {"os": "x=y"}))
        self.assertEqual(samples.parse("12,50%25"), samples.Sample(12, "50%25"))
        self.assertEqual(samples.parse("s=3,proc=curl,dst=example.com"), samples.Sample(3, "curl"))
        self.assertEqual(samples.parse("123,roku,probe-7"), samples.Sample(123, "roku"))
        self.assertIsNone(samples.parse("a note"))
        self.assertIsNone(samples.parse("12"))

    def test_a_flow_crosses_no_samples_and_a_packet_of_two_is_in_both(self):
        trace = Trace()
        trace.udp(0, comments=["1,x", "a note"])
        trace.udp(1, comments=["2,y"])
        trace.udp(2, comments=["2,y", "1,x"])
        result = assembled(trace)
        self.assertEqual([(flow.sample.id, len(flow.packets)) for flow in result.flows], [(1, 2), (2, 2)])
        self.assertEqual((result.accounting.read, result.accounting.in_flows, result.accounting.memberships), (3, 3, 4))
        self.assertEqual([row["label"] for row in features.rows(result, ["cic"])], ["x", "y"])

    def test_every_sample_has_its_totals_also_one_without_ip(self):
        trace = Trace()
        trace.frame(0, ethernet(bytes(28), 0x0806), comments=["1,x"])
        trace.udp(5, payload=3, comments=["2,y"])
        rows = features.stats(assembled(trace))
        self.check(rows[0], {"sample_id": 1, "packets": 1, "flows": 0, "payload_bytes": 0, "frame_bytes": 42})
        self.check(rows[1], {"sample_id": 2, "packets": 1, "packets_in_flows": 1, "flows": 1, "payload_bytes": 3, "first_ns": 5 * 10**9})

    def test_rows_are_in_the_order_of_start_times(self):
        trace = Trace()
        trace.udp(5)
        trace.tcp(3)
        self.assertEqual([flow.protocol for flow in assembled(trace).flows], [6, 17])


class OtherSets(Case):
    def test_pyflowmeter(self):
        row = features.pyflowmeter(only_flow(conversation()))
        self.assertEqual(len(row), 48)
        # forward frames 58 54 154 54 54: mean 74.8; backward 58 354 554 54
        sizes = (58, 54, 154, 54, 54)
        second, third, fourth = (sum((size - 74.8) ** power for size in sizes) / 5 for power in (2, 3, 4))
        expected = {"duration": 9.8, "protocol": "TCP", "fwd_tot_pkt": 5, "fwd_tot_byte": 374, "bwd_tot_byte": 1020}
        expected |= {"fwd_pkt_size_mean": 74.8, "fwd_pkt_size_std": math.sqrt(second), "fwd_pkt_size_skewness": third / second**1.5}
        expected |= {"fwd_pkt_size_kurtosis": fourth / second**2 - 3, "fwd_pkt_size_min": 54, "fwd_pkt_size_max": 154}
        expected |= {"fwd_iat_mean": 2.45, "fwd_iat_min": 0.1, "fwd_iat_max": 7.3, "bwd_PUSH_cnt": 2, "fwd_ACK_cnt": 4, "fwd_SYN_cnt": 1}
        self.check(row, expected)

    def test_pyflowmeter_of_equal_values_and_of_none(self):
        equal = features.moments("x", [5, 5, 5], 1)
        self.assertEqual(list(equal.values()), [5.0, 0.0, 0.0, -3.0, 5, 5])
        self.assertEqual(list(features.moments("x", [], 1).values()), [0, 0, 0, -3, 0, 0])

    def test_nfstream(self):
        row = features.nfstream(only_flow(conversation()), 1)
        self.assertEqual(len(row), 77)
        expected = {"bidirectional_duration_ms": 9800, "bidirectional_packets": 9, "bidirectional_bytes": 1394, "src2dst_packets": 5}
        expected |= {"src2dst_min_ps": 54, "src2dst_mean_ps": 74.8, "dst2src_first_seen_ms": 1_000_100, "dst2src_last_seen_ms": 1_007_800, "dst2src_duration_ms": 7700, "dst2src_max_piat_ms": 7000}
        expected |= {"src_mac": "02:00:00:00:00:01", "src_oui": "02:00:00", "bidirectional_ack_packets": 8, "vlan_id": 0, "ip_version": 4, "expiration_id": 0}
        self.check(row, expected)

    def test_nfstream_times_are_floored_before_they_are_subtracted(self):
        trace = Trace()
        trace.udp(0.0009)
        trace.udp(0.0011)
        self.check(features.nfstream(only_flow(trace), 1), {"bidirectional_duration_ms": 1, "src2dst_max_piat_ms": 1})

    def test_splt(self):
        row = features.splt(only_flow(conversation()), 10)
        self.assertEqual(row["splt_direction"], [0, 1, 0, 0, 1, 1, 0, 1, 0, -1])
        self.assertEqual(row["splt_ps"], [58, 58, 54, 154, 354, 554, 54, 54, 54, -1])
        self.assertEqual(row["splt_piat_ms"], [0, 100, 100, 100, 200, 7000, 100, 200, 2000, -1])
        self.assertEqual(features.splt(only_flow(conversation()), 2)["splt_piat_ms"], [0, 100])

    def test_ppi(self):
        row = features.ppi(only_flow(conversation()), 30)
        self.assertEqual(row, {"ppi_ipt": [0, 200, 7000], "ppi_dir": [1, -1, -1], "ppi_size": [100, 300, 500], "ppi_len": 3})

    def test_flows(self):
        row = features.flows_set(only_flow(conversation()))
        expected = {"fwd_flags": "FSPA", "bwd_flags": "FSPA", "duration_ns": 9_800_000_000, "fwd_frame_bytes": 374, "fwd_ip_bytes": 304}
        self.check(row, expected | {"direction_basis": "SYN", "bwd_payload_bytes": 800})

    def test_community_id_of_its_specification(self):
        """128.232.110.120:34855 → 66.35.250.204:80 TCP, and the reverse."""
        for ends, ports in ((("128.232.110.120", "66.35.250.204"), (34855, 80)), (("66.35.250.204", "128.232.110.120"), (80, 34855))):
            trace = Trace()
            trace.frame(0, ethernet(ipv4(tcp(ports=ports), 6, ends)))
            self.assertEqual(features.community_id(only_flow(trace)), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=")


class Tunnels(Case):
    """Every way inside ends at the same UDP datagram."""

    def setUp(self):
        self.inner = ipv4(udp(b"xyz", (7, 9)), 17, ("1.1.1.1", "2.2.2.2"))
        self.inner6 = ipv6(udp(b"xyz", (7, 9)), 17)

    def check_inside(self, data, tunnels, link=1, source="1.1.1.1"):
        trace = Trace(link)
        trace.frame(0, data)
        flow = only_flow(trace)
        row = features.flows_set(flow)
        self.check(row, {"src_ip": source, "src_port": 7, "dst_port": 9, "protocol": 17, "fwd_payload_bytes": 3, "fwd_frame_bytes": len(data)})
        self.assertEqual(flow.packets[0].datagram.tunnels, tunnels)

    def test_in_ip(self):
        self.check_inside(ethernet(ipv4(self.inner, 4)), ["IP-in-IP"])
        self.check_inside(ethernet(ipv4(self.inner6, 41)), ["6in4"], source=A6)
        self.check_inside(ethernet(ipv6(self.inner, 4), 0x86DD), ["IP-in-IP"])

    def test_gre(self):
        self.check_inside(ethernet(ipv4(b"\0\0\x08\0" + self.inner, 47)), ["GRE"])
        self.check_inside(ethernet(ipv4(b"\xb0\0\x86\xdd" + bytes(12) + self.inner6, 47)), ["GRE"], source=A6)
        self.check_inside(ethernet(ipv4(b"\0\0\x65\x58" + ethernet(self.inner), 47)), ["GRE"])
        ppp = b"\xff\3\0\x21" + self.inner
        self.check_inside(ethernet(ipv4(b"\x30\x81\x88\x0b" + struct.pack(">HH", len(ppp), 1) + bytes(8) + ppp, 47)), ["PPTP"])

    def test_over_udp(self):
        over = lambda port, data: ethernet(ipv4(udp(data, (5555, port)), 17))
        self.check_inside(over(4789, b"\x08" + bytes(7) + ethernet(self.inner)), ["VXLAN"])
        self.check_inside(over(6081, b"\1\0\x65\x58" + bytes(8) + ethernet(self.inner)), ["Geneve"])
        self.check_inside(over(6081, b"\0\0\x08\0" + bytes(4) + self.inner), ["Geneve"])
        self.check_inside(over(2152, b"\x30\xff\0\x1f" + bytes(4) + self.inner), ["GTP-U"])
        self.check_inside(over(2152, b"\x34\xff\0\x27" + bytes(4) + b"\0\0\0\x85\1\0\0\0" + self.inner), ["GTP-U"])
        self.check_inside(over(3544, self.inner6), ["Teredo"], source=A6)
        self.check_inside(over(3544, b"\0\1\0\0" + bytes(9) + bytes(8) + self.inner6), ["Teredo"], source=A6)

    def test_several(self):
        vxlan = udp(b"\x08" + bytes(7) + ethernet(ipv4(self.inner, 4)), (5555, 4789))
        self.check_inside(ethernet(ipv4(vxlan, 17)), ["VXLAN", "IP-in-IP"])

    def test_outer(self):
        trace = Trace()
        trace.frame(0, ethernet(ipv4(self.inner, 4)))
        self.check(features.flows_set(only_flow(trace, outer=True)), {"src_ip": A, "protocol": 4, "src_port": 0, "fwd_payload_bytes": 31})

    def test_what_holds_no_ip_is_the_enclosing_flow(self):
        trace = Trace()
        trace.frame(0, ethernet(ipv4(udp(b"\x08" + bytes(7) + ethernet(bytes(28), 0x0806), (5555, 4789)), 17)))
        trace.frame(0, ethernet(ipv4(udp(b"\x32\1" + bytes(10), (5555, 2152)), 17)))
        trace.frame(0, ethernet(ipv4(b"\0\0\x88\xbe" + bytes(20), 47)))
        self.assertEqual([flow.protocol for flow in assembled(trace).flows], [17, 17, 47])

    def test_a_cut_inside_is_cut(self):
        trace = Trace()
        whole = ethernet(ipv4(self.inner, 4))
        trace.frame(0, whole[:50], len(whole))
        self.assertEqual(reasons(trace), {"cut": 1})


class Links(Case):
    """Every link layer around the same datagram."""

    def check_link(self, link, head, source=A):
        payload = ipv4(udp(b"xyz"), 17) if source == A else ipv6(udp(b"xyz"), 17)
        trace = Trace(link)
        trace.frame(0, head + payload)
        self.check(features.flows_set(only_flow(trace)), {"src_ip": source, "fwd_payload_bytes": 3})

    def test_ethernet(self):
        addresses = bytes(12)
        self.check_link(1, addresses + b"\x08\0")
        self.check_link(1, addresses + b"\x86\xdd", A6)
        self.check_link(1, addresses + b"\x81\0\0\5\x08\0")
        self.check_link(1, addresses + b"\x88\xa8\0\5\x81\0\0\6\x86\xdd", A6)
        self.check_link(1, addresses + b"\x88\x47\0\0\x10\0\0\0\x11\0")
        self.check_link(1, addresses + b"\x88\x64\x11\0\0\1\0\x21\0\x21")
        self.check_link(1, addresses + b"\0\x27\xaa\xaa\3\0\0\0\x08\0")
        self.check_link(1, addresses + b"\x81\0\0\5\0\x27\xaa\xaa\3\0\0\0\x08\0")

    def test_others(self):
        for link in (12, 14, 101, 228):
            self.check_link(link, b"")
        for link in (12, 14, 101, 229):
            self.check_link(link, b"", A6)
        self.check_link(0, b"\2\0\0\0")
        self.check_link(0, b"\0\0\0\x1e", A6)
        self.check_link(108, b"\0\0\0\2")
        self.check_link(113, bytes(14) + b"\x08\0")
        self.check_link(276, b"\x86\xdd" + bytes(18), A6)
        self.check_link(9, b"\xff\3\0\x21")
        self.check_link(9, b"\0\x57", A6)
        self.check_link(50, b"\xff\3\x21")
        self.check_link(50, b"\x0f\0\x08\0")
        self.check_link(51, b"\x11\0\0\1\0\x21\0\x21")
        self.check_link(104, b"\x0f\0\x08\0")
        self.check_link(226, b"\1\2\0\0\0\0\0\x1f" + bytes(16))
        self.check_link(226, b"\1\x1a\0\0\0\0\0\x33" + bytes(16), A6)

    def test_wireless(self):
        snap = b"\xaa\xaa\3\0\0\0\x08\0"
        self.check_link(105, b"\x08\1" + bytes(22) + snap)
        self.check_link(105, b"\x88\2" + bytes(24) + snap)
        self.check_link(105, b"\x08\3" + bytes(28) + snap)
        self.check_link(127, b"\0\0\x08\0\0\0\0\0" + b"\x08\1" + bytes(22) + snap)
        padded = b"\0\0\x11\0\3\0\0\0" + bytes(8) + b"\x20"
        self.check_link(127, padded + b"\x88\1" + bytes(24) + bytes(2) + snap)


    def test_wireless_addresses(self):
        snap = b"\xaa\xaa\3\0\0\0\x08\0" + ipv4(udp(), 17)
        places = b"\0\0" + b"1" * 6 + b"2" * 6 + b"3" * 6 + b"\0\0"
        for flags, sender, receiver in ((0, b"2", b"1"), (1, b"2", b"3"), (2, b"3", b"1"), (3, b"4", b"3")):
            frame = b"\x08" + bytes([flags]) + places + (b"4" * 6 if flags == 3 else b"") + snap
            self.assertEqual(layers.decode(105, frame, len(frame)).macs, (sender * 6, receiver * 6))

    def test_a_long_extension_header(self):
        trace = Trace()
        routing, options = b"\x3c\1" + bytes(14), b"\x11\0" + bytes(6)
        trace.frame(0, ethernet(ipv6(routing + options + udp(b"xyz"), 43), 0x86DD))
        self.check(features.flows_set(only_flow(trace)), {"src_port": 1000, "fwd_payload_bytes": 3, "fwd_ip_header_bytes": 64})

    def test_what_is_not_ip(self):
        for link, data in ((105, b"\x80\0"), (105, b"\x48\1"), (105, b"\x08\x41"), (113, bytes(15) + b"\1"), (9, b"\xc0\x21"), (104, b"\x8f\0\x80\x35")):
            with self.assertRaisesRegex(layers.NotInFlow, "^not IP: "):
                layers.decode(link, data + bytes(40), len(data) + 40)


class Reading(Case):
    def read(self, data):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x")
            with open(path, "wb") as file:
                file.write(data)
            return captures.read(path)

    def pcap(self, order, magic, fraction):
        head = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 1)
        return head + struct.pack(order + "IIII", 5, fraction, 3, 60) + b"abc"

    def test_pcap(self):
        for order in "<>":
            for magic, fraction in ((0xA1B2C3D4, 250_000), (0xA1B23C4D, 250_000_000)):
                for pack in (bytes, gzip.compress):
                    (packet,) = self.read(pack(self.pcap(order, magic, fraction))).packets
                    self.assertEqual((packet.time, packet.wire_length, packet.data), (5_250_000_000, 60, b"abc"))

    def test_a_cut_file_gives_what_there_is(self):
        whole = self.pcap("<", 0xA1B2C3D4, 0)
        capture = self.read(whole + whole[24:-1])
        self.assertEqual((len(capture.packets), capture.fault), (1, "cut in a packet"))

    def block(self, order, kind, body):
        body += bytes(-len(body) % 4)
        return struct.pack(order + "II", kind, 12 + len(body)) + body + struct.pack(order + "I", 12 + len(body))

    def section(self, order):
        def option(code, value):
            return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)

        section = self.block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
        options = option(9, b"\x8a") + option(14, struct.pack(order + "q", 100)) + bytes(4)  # 2^-10 s, 100 s later
        interface = self.block(order, 1, struct.pack(order + "HHI", 101, 0, 2) + options)
        comments = option(1, b"1,x") + option(1, b"2,y\0z") + bytes(4)
        enhanced = self.block(order, 6, struct.pack(order + "IIIII", 0, 0, 512, 3, 9) + b"abc\0" + comments)
        simple = self.block(order, 3, struct.pack(order + "I", 9) + b"ab")
        obsolete = self.block(order, 2, struct.pack(order + "HHIIII", 0, 7, 0, 1024, 1, 1) + b"a")
        return section + interface + enhanced + simple + obsolete

    def test_pcapng(self):
        capture = self.read(self.section("<") + self.section(">"))
        self.assertIsNone(capture.fault)
        told = [(packet.number, packet.link, packet.time, packet.wire_length, packet.data, packet.comments) for packet in capture.packets]
        half, whole = 100_500_000_000, 101_000_000_000
        one = [(101, half, 9, b"abc", ["1,x", "2,y"]), (101, None, 9, b"ab", []), (101, whole, 1, b"a", [])]
        self.assertEqual(told, [(number, *packet) for number, packet in enumerate(one + one, 1)])


class CommandLine(Case):
    def output(self, *arguments):
        """What the command prints of a capture of two packets, one not IP, the other before 1970's second minute."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.pcap")
            with open(path, "wb") as file:
                file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
                for data in (ethernet(bytes(28), 0x0806), ethernet(ipv4(udp(b"abc"), 17))):
                    file.write(struct.pack("<IIII", 61, 5, len(data), len(data)) + data)
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                features.main([path, *arguments])
            return out.getvalue()

    def test_accounting(self):
        self.assertEqual(self.output("--accounting"), "read  2\nin flows  1\nnot IP: ARP  1\nmemberships  1\n")

    def test_sets_join_behind_the_identity(self):
        header, row = self.output("--set", "splt:2,ppi:2").splitlines()
        names = "sample_id,label,flow_id,community_id,first_packet,last_packet,flow_end_reason,splt_direction,splt_ps,splt_piat_ms"
        self.assertEqual(header, names + ",ppi_ipt,ppi_dir,ppi_size,ppi_len")
        self.assertTrue(row.startswith(",,1,1:"))
        self.assertTrue(row.endswith(',2,2,forced end,"[0, -1]","[45, -1]","[0, -1]",[0],[1],[3],1'))

    def test_bare_cic_ends_with_its_label(self):
        header, row = self.output("--set", "cic", "--bare").splitlines()
        self.assertEqual((len(header.split(",")), header.split(",")[-1], len(row.split(","))), (84, "Label", 84))
        self.assertIn(",1970-01-01T00:01:01.000005Z,0.0,1,0,3,0,", row)


if __name__ == "__main__":
    unittest.main()

use proptest::prelude::*;

use super::super::trial::{C, S, same_in_bytes, survives, tell};
use super::*;

fn packet(payload: &[u8]) -> Vec<u8> {
    let mut packet = (payload.len() as u32 + 5).to_be_bytes().to_vec();
    packet.push(4);
    packet.extend(payload);
    packet.extend([0; 4]);
    packet
}

fn strings(strings: &[&str]) -> Vec<u8> {
    strings.iter().flat_map(|text| [&(text.len() as u32).to_be_bytes(), text.as_bytes()].concat()).collect()
}

fn kexinit(lists: [&str; 8]) -> Vec<u8> {
    packet(&[&[KEXINIT][..], &[7; 16], &strings(&lists), &strings(&["", ""]), &[0; 5]].concat())
}

fn conversation() -> [Vec<u8>; 2] {
    let client = [
        &b"SSH-2.0-client x\r\n"[..],
        &kexinit(["k1,k2", "ssh-rsa", "a,b", "b,a", "m", "m", "none", "none"]),
        &packet(&[NEWKEYS]),
        b"encrypted",
    ];
    let key = strings(&["ssh-rsa", "123"]);
    let reply = [&[31][..], &(key.len() as u32).to_be_bytes(), &key].concat();
    let server = [
        &b"hello\r\nSSH-1.99-server\n"[..],
        &kexinit(["k2,k1", "ssh-dss,ssh-rsa", "b", "a", "m", "m", "zlib,none", "none"]),
        &packet(&reply),
        &packet(&[NEWKEYS]),
    ];
    [client.concat(), server.concat()]
}

#[test]
fn what_they_agree_on_is_told() {
    let [client, server] = conversation();
    let told = tell((40_000, 22), &[(S, &server), (C, &client), (S, b"more")]);
    // hashlib.md5(b"k1,k2;a,b;m;none") and so on.
    let want = format!(
        r#"{{"_path":"ssh","first":1,"last":2,"version":2,"client":"SSH-2.0-client x","server":"SSH-1.99-server","cipher_alg":"To server: b, to client: a","mac_alg":"m","compression_alg":"none","kex_alg":"k1","host_key_alg":"ssh-rsa","host_key":"{}","hassh":"{}","hasshAlgorithms":"k1,k2;a,b;m;none","hasshServer":"{}","hasshServerAlgorithms":"k2,k1;a;m;none","client_algorithms":{{"kex":["k1","k2"],"host_key":["ssh-rsa"],"encryption_client_to_server":["a","b"],"encryption_server_to_client":["b","a"],"mac_client_to_server":["m"],"mac_server_to_client":["m"],"compression_client_to_server":["none"],"compression_server_to_client":["none"]}},"server_algorithms":{{"kex":["k2","k1"],"host_key":["ssh-dss","ssh-rsa"],"encryption_client_to_server":["b"],"encryption_server_to_client":["a"],"mac_client_to_server":["m"],"mac_server_to_client":["m"],"compression_client_to_server":["zlib","none"],"compression_server_to_client":["none"]}}}}"#,
        HOST_KEY, HASSH, HASSH_SERVER
    );
    assert_eq!(told, [want]);
    same_in_bytes((40_000, 22), &[(S, &server), (C, &client)]);
    same_in_bytes((40_000, 2_222), &[(C, &client), (S, &server)]);
}

const HOST_KEY: &str = "84:bf:b6:d4:d9:93:75:88:aa:68:fa:ef:b7:fc:ff:f4";
const HASSH: &str = "5b90de2e43091a831a97accc0f58663b";
const HASSH_SERVER: &str = "15644a90ee5fd4034b7c8b69373d30b4";

#[test]
fn one_banner_is_enough() {
    let told = tell((40_000, 2_222), &[(S, b"SSH-1.5-old\n")]).concat();
    assert_eq!(told, r#"{"_path":"ssh","first":1,"last":1,"version":1,"server":"SSH-1.5-old"}"#);
    let told = tell((22, 40_000), &[(C, b"SSH-2.0-x")]).concat();
    assert_eq!(told, r#"{"_path":"ssh","first":1,"last":1,"version":2,"server":"SSH-2.0-x"}"#);
}

#[test]
fn what_is_no_packet_ends_it() {
    let told = tell((40_000, 22), &[(S, b"SSH-2.0-x\r\n"), (C, b"SSH-2.0-y\r\n\xff\xff\xff\xff")]).join("\n");
    assert!(told.contains("ssh_packet_of_wrong_length") && told.contains(r#""client":"SSH-2.0-y""#), "{told}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn anything_is_survived(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6)) {
        let [client, mut server] = conversation();
        for (place, byte) in changes {
            *place.get_mut(&mut server) = byte;
        }
        prop_assert!(survives((40_000, 22), false, &[(true, server), (false, client)]) <= 4);
    }
}

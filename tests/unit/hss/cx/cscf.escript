#!/usr/bin/env escript
%% -*- erlang -*-
%%! -kernel logger_level critical
%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% CSCFs on Erlang/OTP's diameter, a stack that shares nothing with ims-hss:
%%   cscf.escript DICTIONARY
%% They play against the ims-hss on 10.9.9.1 that check-cx has started; HSSCTL says how its hssctl is called. Each
%% check prints "FAILED <what>" or counts as passed.
-module(cscf).
-mode(compile).
-export([main/1]).
-export([peer_up/3, peer_down/3, pick_peer/4, prepare_request/3, prepare_retransmit/3, handle_answer/4, handle_error/4,
	 handle_request/3]).
-include_lib("diameter/include/diameter.hrl").
-include_lib("diameter/include/diameter_gen_base_rfc6733.hrl").

-define(TGPP, 10415).
-define(CX, 16777216).
-define(SCSCF, "scscf.home1.net").
-define(OTHER, "scscf2.home1.net").
-define(LAB, "lab1@home1.net").
-define(LAB_IMPU, "sip:lab1@home1.net").
-define(CARD, "user1_private@home1.net").
-define(CARD_IMPU, "sip:user1_public1@home1.net").

main([File]) ->
    {ok, [Forms]} = diameter_make:codec(File, [forms, return]),
    {ok, Mod, Code} = compile:forms(Forms, []),
    {module, Mod} = code:load_binary(Mod, "cx.beam", Code),
    put(passed, 0),
    put(failed, 0),
    ok = diameter:start(),
    persistent_term:put(tester, self()),
    start(?SCSCF, {10, 9, 9, 2}, Mod),
    digest_users(),
    akav2(),
    bearers(),
    start(?OTHER, {10, 9, 9, 3}, Mod),
    restoration(),
    shared_sets(),
    changes_are_told(),
    users_of_others(),
    realms(),
    wildcards(),
    replaced(),
    [diameter:stop_service(S) || S <- diameter:services()],
    io:format("~p passed, ~p failed~n", [get(passed), get(failed)]),
    halt(case get(failed) of 0 -> 0; _ -> 1 end).

%% ---- SIP digest (TS 33.203 annex N, TS 29.229 6.3.36) ------------------------------------------------

digest_users() ->
    [begin
	 Answer = mar(?LAB, ?LAB_IMPU, Scheme),
	 result(Scheme, Answer, 2001),
	 check(Scheme ++ " item", items(Answer) =:= [#{'SIP-Item-Number' => [1], 'SIP-Authentication-Scheme' => [<<"SIP Digest">>],
	     'SIP-Digest-Authenticate' => [#{'Digest-Realm' => <<"home1.net">>, 'Digest-Algorithm' => [<<"MD5">>],
					     'Digest-QoP' => <<"auth">>, 'Digest-HA1' => ha1("open sesame")}]}], Answer),
	 has(Scheme, Answer, 'User-Name', <<?LAB>>),
	 has(Scheme, Answer, 'Public-Identity', <<?LAB_IMPU>>),
	 has(Scheme, Answer, 'SIP-Number-Auth-Items', 1)
     end || Scheme <- ["SIP Digest", "Unknown", "unknown"]],
    Refused = mar(?LAB, ?LAB_IMPU, "Digest-AKAv1-MD5"),
    result("no AKA for who has no card", Refused, {experimental, 5006}),
    has("whom a refusal is about", Refused, 'User-Name', <<?LAB>>),
    has("whom a refusal is about", Refused, 'Public-Identity', <<?LAB_IMPU>>),
    result("no MD5 with a password that nobody has", mar(?LAB, ?LAB_IMPU, "Digest-MD5"), {experimental, 5006}),
    [result("nor by the address that he has, if he may not (GIBA, TS 33.203 annex T)", mar(Who, Impu, "Early-IMS-Security"), {experimental, 5006})
     || {Who, Impu} <- [{?LAB, ?LAB_IMPU}, {?CARD, ?CARD_IMPU}]],
    result("no digest for who has a card", mar(?CARD, ?CARD_IMPU, "SIP Digest"), {experimental, 5006}),
    [#{'SIP-Authentication-Scheme' := [Chosen]}] = items(mar(?CARD, ?CARD_IMPU, "Unknown")),
    check("a card is asked", Chosen =:= <<"Digest-AKAv1-MD5">>, Chosen),
    [begin
	 Long = case Aka of "Digest-AKAv2-MD5" -> 24; _ -> 8 end,
	 [#{'SIP-Authentication-Scheme' := [Given], 'SIP-Authenticate' := [RandAutn], 'SIP-Authorization' := [Xres],
	    'Confidentiality-Key' := [Ck], 'Integrity-Key' := [Ik]}] = items(mar(?CARD, ?CARD_IMPU, Aka)),
	 check(Aka, Given =:= list_to_binary(Aka) andalso [byte_size(B) || B <- [RandAutn, Xres, Ck, Ik]] =:= [32, Long, 16, 16], Given)
     end || Aka <- ["Digest-AKAv1-MD5", "Digest-AKAv2-MD5", "Digest-AKAv2-SHA-256"]],
    failed("no AUTS without a card", mar(?LAB, ?LAB_IMPU, "SIP Digest", [octets(610, <<0:240>>)]), 5004, 612),
    result("registers", sar(?LAB, ?LAB_IMPU, 1), 2001),
    key("password=\"another one\""),
    [#{'SIP-Digest-Authenticate' := [#{'Digest-HA1' := New}]}] = items(mar(?LAB, ?LAB_IMPU, "SIP Digest")),
    check("a new password counts at once", New =:= ha1("another one"), New),
    result("leaves", sar(?LAB, ?LAB_IMPU, 5), 2001).

%% The password of RFC 4169 in the place of XRES (akav2_password): what this hash makes of a card's RES and keys.
akav2() ->
    [#{'SIP-Authenticate' := [RandAutn], 'SIP-Authorization' := [Password], 'Confidentiality-Key' := [Ck],
       'Integrity-Key' := [Ik]}] = items(mar(?CARD, ?CARD_IMPU, "Digest-AKAv2-MD5")),
    <<Rand:16/binary, _/binary>> = RandAutn,
    K = binary:decode_hex(<<"465b5ce8b199b49faa5f0a2ee238a6bc">>),
    Opc = binary:decode_hex(<<"cd63cb71954a9f4e48a5994e37a02baf">>),
    %% f2 of Milenage (TS 35.206 4.1)
    Aes = fun(B) -> crypto:crypto_one_time(aes_128_ecb, K, B, true) end,
    Temp = crypto:exor(Aes(crypto:exor(Rand, Opc)), Opc),
    <<_:8/binary, Res/binary>> = crypto:exor(Aes(crypto:exor(Temp, <<1:128>>)), Opc),
    Want = base64:encode(crypto:mac(hmac, md5, <<Res/binary, Ik/binary, Ck/binary>>, "http-digest-akav2-password")),
    check("the password of AKAv2", Password =:= Want, {Password, Want}).

%% ---- GIBA (TS 33.203 annex T, TS 29.228 6.3, TS 29.229 6.3.13) --------------------------------------------

bearers() ->
    Giba = fun(N) -> mar("giba" ++ N ++ "@home1.net", "sip:giba" ++ N ++ "@home1.net", "Early-IMS-Security") end,
    Item = fun(Avps) -> [Avps#{'SIP-Item-Number' => [1], 'SIP-Authentication-Scheme' => [<<"Early-IMS-Security">>]}] end,
    result("no address is known", Giba(""), 5012),
    hss("bearer set 001010000000001 10.45.0.2 seconds=60"),
    Answer = Giba(""),
    result("one is", Answer, 2001),
    has("in one item", Answer, 'SIP-Number-Auth-Items', 1),
    check("IPv4", items(Answer) =:= Item(#{'Framed-IP-Address' => [<<10, 45, 0, 2>>]}), Answer),
    failed("nothing gets out of step", mar("giba@home1.net", "sip:giba@home1.net", "Early-IMS-Security", [octets(610, <<0:240>>)]), 5004, 612),
    [#{'SIP-Authentication-Scheme' := [Chosen]}] = items(mar("giba@home1.net", "sip:giba@home1.net", "Unknown")),
    check("nobody is asked for less than his card", Chosen =:= <<"Digest-AKAv1-MD5">>, Chosen),
    result("registers", sar("giba@home1.net", "sip:giba@home1.net", 1), 2001),
    %% another one has the address: who is registered by it is not any more
    hss("bearer set 001010000000002 10.45.0.2"),
    told("whose address is another's", 'RTR', fun(#{'User-Name' := U, 'Deregistration-Reason' := R}) ->
	{U, R} =:= {<<"giba@home1.net">>, #{'Reason-Code' => 0}} end),
    result("and has none", Giba(""), 5012),
    hss("bearer set 001010000000002 2001:db8:1:2::/64"),
    Prefix = <<0, 64, 16#20010db800010002:64>>,
    check("a prefix", items(Giba("2")) =:= Item(#{'Framed-IPv6-Prefix' => [Prefix]}), Giba("2")),
    hss("bearer set 001010000000002 2001:db8:1:2::5"),
    check("with the interface", items(Giba("2")) =:= Item(#{'Framed-IPv6-Prefix' => [Prefix], 'Framed-Interface-Id' => [5]}),
	  Giba("2")),
    hss("bearer remove 001010000000002"),
    result("the bearer is gone", Giba("2"), 5012),
    %% for the time that was said, and no longer
    hss("bearer set 001010000000001 10.45.0.9 seconds=3"),
    result("for three seconds", Giba(""), 2001),
    result("registers", sar("giba@home1.net", "sip:giba@home1.net", 1), 2001),
    told("in which nobody was told of another address", 'RTR', fun(#{'User-Name' := U}) -> U =:= <<"giba@home1.net">> end, 15000),
    result("it is dead", Giba(""), 5012),
    hss("key set giba@home1.net " ++ key_file("giba=no")),
    result("who may not any more", Giba(""), {experimental, 5006}).

ha1(Password) ->
    binary:encode_hex(crypto:hash(md5, [?LAB ":home1.net:", Password])).

%% The key of the lab user, by a file.
key(Line) -> hss("key set " ?LAB " " ++ key_file(Line)).

key_file(Line) ->
    File = os:getenv("DIR") ++ "/key",
    ok = file:write_file(File, Line),
    File.

items({ok, #{'SIP-Auth-Data-Item' := Items}}) ->
    [case I of
	 #{'SIP-Digest-Authenticate' := [#{'Digest-HA1' := H} = D]} ->
	     I#{'SIP-Digest-Authenticate' => [D#{'Digest-HA1' => list_to_binary(string:uppercase(binary_to_list(H)))}]};
	 _ -> I
     end || I <- Items];
items(Other) -> Other.

%% ---- S-CSCFs that take over (TS 23.380, TS 29.228 6.1.2) ----------------------------------------------

restoration() ->
    Left = [{?CARD, "<sip:ue@10.1.0.10:5060>"}],
    result("registers", sar(?CARD, ?CARD_IMPU, 1, [info(Left)]), 2001),
    has("nothing is said of it to who knows it", sar(?CARD, ?CARD_IMPU, 2, []), 'SCSCF-Restoration-Info', none),
    gives("an S-CSCF that has forgotten", sar(?CARD, ?CARD_IMPU, 0, []), Left),
    gives("for who is called", sar(?CARD, ?CARD_IMPU, 3, []), Left),
    lir("he is registered still", {2001, <<"sip:" ?SCSCF>>}),
    %% another contact
    Two = [{?CARD, "<sip:ue@10.2.0.10:5060>"}],
    Multiple = octets(648, <<1:32>>),
    Refused = sar(?CARD, ?CARD_IMPU, 1, [info(Two), Multiple]),
    result("not over what is kept", Refused, {experimental, 5007}),
    check("but with it", restorations(Refused) =:= wanted(Left), Refused),
    check("and with the profile", case Refused of {ok, #{'User-Data' := [_]}} -> true; _ -> false end, Refused),
    result("with all", sar(?CARD, ?CARD_IMPU, 2, [info(Two), Multiple]), 2001),
    gives("what is kept now", sar(?CARD, ?CARD_IMPU, 0, []), Two),
    result("too long to be kept", sar(?CARD, ?CARD_IMPU, 2, [info([{?CARD, lists:duplicate(5000, $x)}])]), 2001),
    gives("is as good as none", sar(?CARD, ?CARD_IMPU, 0, []), []),
    result("again", sar(?CARD, ?CARD_IMPU, 2, [info(Two)]), 2001),
    failed("another's", sar(?CARD, ?CARD_IMPU, 2, [info([{?LAB, "<sip:x>"}])]), 5004, 639),
    failed("without a contact", sar(?CARD, ?CARD_IMPU, 2, [group(639, [name(?CARD)])]), 5004, 639),
    failed("neither one nor several", sar(?CARD, ?CARD_IMPU, 2, [octets(648, <<2:32>>)]), 5004, 648),
    gives("which is kept after that", sar(?CARD, ?CARD_IMPU, 0, []), Two),
    %% another S-CSCF, which may not, and may when the I-CSCF has asked for one
    put(scscf, ?OTHER),
    result("another S-CSCF", sar(?CARD, ?CARD_IMPU, 3, []), {experimental, 5005}),
    result("nor the profile", sar(?CARD, ?CARD_IMPU, 0, []), 5012),
    result("the I-CSCF asks", ask('LIR', [text(601, ?CARD_IMPU), u32(623, 2)]), 2001),
    gives("takes over", sar(?CARD, ?CARD_IMPU, 3, []), Two),
    lir("is the user's S-CSCF now", {2001, <<"sip:" ?OTHER>>}),
    told("and the one before hears of it", 'RTR', fun(#{'User-Name' := U, 'Deregistration-Reason' := R}) ->
	{U, R} =:= {<<?CARD>>, #{'Reason-Code' => 1}} end),
    %% the user's P-CSCF has failed (TS 23.380 5.4): there is no serving node that could be told, and that is said
    Failed = octets(655, <<1:32>>),
    [begin
	 result("a P-CSCF that has failed", sar(?CARD, ?CARD_IMPU, Type, [Failed]), {experimental, 5012}),
	 lir("leaves him where he is", {2001, <<"sip:" ?OTHER>>}),
	 gives("with what is kept", sar(?CARD, ?CARD_IMPU, 0, []), Two)
     end || Type <- [3, 8]],
    result("no such feature", sar(?CARD, ?CARD_IMPU, 3, [supported(8, true), Failed]), {experimental, 5011}),
    put(scscf, ?SCSCF),
    result("nor for another S-CSCF", sar(?CARD, ?CARD_IMPU, 3, [Failed]), {experimental, 5005}),
    put(scscf, ?OTHER),
    result("other flags say nothing", sar(?CARD, ?CARD_IMPU, 2, [octets(655, <<16#fffffffe:32>>)]), 2001),
    result("leaves", sar(?CARD, ?CARD_IMPU, 5, []), 2001),
    result("unregistered", sar(?CARD, ?CARD_IMPU, 3, []), 2001),
    gives("and nothing is left", sar(?CARD, ?CARD_IMPU, 0, []), []),
    result("not served any more", sar(?CARD, ?CARD_IMPU, 4, []), 2001),
    erase(scscf),
    two_phones().

%% A user with two phones: what is kept is each phone's, and goes with its registration.
two_phones() ->
    {Phone, Tablet, Impu} = {"phone@home1.net", "tablet@home1.net", "sip:two@home1.net"},
    First = [{Phone, "<sip:phone@10.1.0.10>"}],
    Second = [{Tablet, "<sip:tablet@10.1.0.11>"}],
    result("one", sar(Phone, Impu, 1, [info(First)]), 2001),
    Answer = sar(Tablet, Impu, 1, [info(Second)]),
    gives("the other hears of the first", Answer, First),
    has("which are registered", Answer, 'Associated-Registered-Identities',
	#{'User-Name' => [list_to_binary(Phone), list_to_binary(Tablet)]}),
    Both = sar(Tablet, Impu, 0, []),
    check("both are kept", lists:sort(restorations(Both)) =:= lists:sort(wanted(First) ++ wanted(Second)), Both),
    result("one leaves", sar(Phone, Impu, 5, []), 2001),
    gives("what it left is gone", sar(Tablet, Impu, 3, []), Second),
    result("the other, too", sar(Tablet, Impu, 4, []), 2001),
    result("unregistered", sar(Phone, Impu, 3, []), 2001),
    gives("nothing is left", sar(Phone, Impu, 0, []), []),
    result("not served any more", sar(Phone, Impu, 4, []), 2001).

info([{Impi, Contact}]) ->
    group(639, [name(Impi), group(649, [octets(640, <<"<sip:token@pcscf1.home1.net;lr>">>), octets(641, list_to_binary(Contact)),
	octets(654, <<7:32>>), octets(643, <<"call-1">>),
	group(642, [octets(643, <<"call-2">>), octets(644, <<"<sip:a>;tag=1">>), octets(645, <<"<sip:a>;tag=2">>),
		    octets(646, <<"<sip:p;lr>">>), octets(641, list_to_binary(Contact))])])]).

%% As info() comes back, through a dictionary that is not ours.
wanted(Left) ->
    [#{'User-Name' => list_to_binary(Impi), 'Restoration-Info' => [#{
	'Path' => <<"<sip:token@pcscf1.home1.net;lr>">>, 'Contact' => list_to_binary(Contact),
	'Initial-CSeq-Sequence-Number' => [7], 'Call-ID-SIP-Header' => [<<"call-1">>],
	'Subscription-Info' => [#{'Call-ID-SIP-Header' => <<"call-2">>, 'From-SIP-Header' => <<"<sip:a>;tag=1">>,
				  'To-SIP-Header' => <<"<sip:a>;tag=2">>, 'Record-Route' => <<"<sip:p;lr>">>,
				  'Contact' => list_to_binary(Contact)}]}]} || {Impi, Contact} <- Left].

restorations({ok, Values}) -> maps:get('SCSCF-Restoration-Info', Values, []);
restorations(Other) -> Other.

gives(What, Answer, Left) ->
    result(What, Answer, 2001),
    check(What, restorations(Answer) =:= wanted(Left), Answer).

lir(What, {Code, Server}) ->
    Answer = ask('LIR', [text(601, ?CARD_IMPU)]),
    result(What, Answer, Code),
    has(What, Answer, 'Server-Name', Server).

%% ---- shared sets of filter criteria, and features (TS 29.229 7.1.1, 7.2; TS 29.228 6.6) ----------------

shared_sets() ->
    hss("ifc set " ?CARD " priority=20 server=sip:own.home1.net"),
    hss("shared-ifc set 7 priority=30 server=sip:thirty.home1.net"),
    hss("shared-ifc set 7 priority=10 server=sip:ten.home1.net 'trigger=all method:INVITE'"),
    hss("ifc share " ?CARD " set=7"),
    Full = ["10", "20", "30"],
    Plain = sar(?CARD, ?CARD_IMPU, 1),
    profile("who says nothing of shared sets gets them written out", Plain, Full, []),
    features("and what there is to support", Plain, 5),
    profile("nor does another feature help", sar_new(?CARD, ?CARD_IMPU, [supported(4, false)]), Full, []),
    profile("by another list", sar_new(?CARD, ?CARD_IMPU, [supported(2, 1, false)]), Full, []),
    %% who does, optionally or not
    profile("by number", sar_new(?CARD, ?CARD_IMPU, [supported(1, false)]), ["20"], ["7"]),
    profile("who demands it", sar(?CARD, ?CARD_IMPU, 0, [supported(5, true)]), ["20"], ["7"]),
    Wanting = sar(?CARD, ?CARD_IMPU, 0, [supported(9, true)]),
    result("what is not supported", Wanting, {experimental, 5011}),
    features("and what is", Wanting, 5),
    result("another list", sar(?CARD, ?CARD_IMPU, 0, [supported(2, 1, true)]), {experimental, 5011}),
    Lia = ask('LIR', [text(601, ?CARD_IMPU), supported(4, true)]),
    result("restoration for an I-CSCF", Lia, 2001),
    features("which has nothing to do with sets", Lia, 4),
    result("so it cannot demand them", ask('LIR', [text(601, ?CARD_IMPU), supported(1, true)]), {experimental, 5011}),
    %% a set that changes is the operator's matter there; a profile that changes is pushed by number
    hss("shared-ifc set 7 priority=30 server=sip:other.home1.net"),
    quiet("an S-CSCF that has the sets itself"),
    hss("ifc set " ?CARD " priority=40 server=sip:own2.home1.net"),
    told("by number", 'PPR', fun(#{'User-Data' := [D], 'Supported-Features' := [F]}) ->
	{servers(D), sets(D), F} =:= {["20", "40"], ["7"], #{'Vendor-Id' => ?TGPP, 'Feature-List-ID' => 1, 'Feature-List' => 1}} end),
    %% one that cannot any more says so
    persistent_term:put(ppa, #{'Experimental-Result' => [#{'Vendor-Id' => ?TGPP, 'Experimental-Result-Code' => 5011}]}),
    hss("ifc remove " ?CARD " priority=40"),
    told("tried", 'PPR', fun(#{'Supported-Features' := [_], 'User-Data' := [D]}) -> sets(D) =:= ["7"] end),
    persistent_term:erase(ppa),
    told("and written out", 'PPR', fun(#{'User-Data' := [D]} = V) ->
	{servers(D), sets(D), maps:is_key('Supported-Features', V)} =:= {Full, [], false} end),
    %% one that has none is told of a changed set, all at once
    profile("again without", sar_new(?CARD, ?CARD_IMPU, []), Full, []),
    hss("shared-ifc set 7 priority=10 server=sip:eleven.home1.net"),
    told("a set that changes", 'PPR', fun(#{'User-Data' := [D]}) ->
	binary:match(D, <<"sip:eleven.home1.net">>) =/= nomatch andalso servers(D) =:= Full end),
    hss("ifc unshare " ?CARD " set=7"),
    told("without it", 'PPR', fun(#{'User-Data' := [D]}) -> {servers(D), sets(D)} =:= {["20"], []} end),
    hss("ifc remove " ?CARD " priority=20"),
    told("nothing", 'PPR', fun(#{'User-Data' := [D]}) -> servers(D) =:= [] end),
    hss("shared-ifc remove 7"),
    result("leaves", sar(?CARD, ?CARD_IMPU, 5), 2001).

%% Supported-Features of 3GPP's first list, or of another.
supported(List, M) -> supported(1, List, M).
supported(Id, List, M) ->
    A = group(628, [raw(266, undefined, true, <<?TGPP:32>>), octets(629, <<Id:32>>), octets(630, <<List:32>>)]),
    A#diameter_avp{is_mandatory = M}.

features(What, {ok, Values}, Want) ->
    check(What, maps:get('Supported-Features', Values, none) =:= [#{'Vendor-Id' => ?TGPP, 'Feature-List-ID' => 1,
	'Feature-List' => Want}], Values);
features(What, Other, _) -> check(What, false, Other).

%% Which criteria stand in the profile, by their priorities, and the numbers of sets behind them.
profile(What, Answer, Servers, Sets) ->
    result(What, Answer, 2001),
    check(What, case Answer of
		    {ok, #{'User-Data' := [D]}} -> {servers(D), sets(D)} =:= {Servers, Sets};
		    _ -> false
		end, Answer).

servers(D) -> all(D, "<InitialFilterCriteria><Priority>([0-9]+)<").
sets(D) -> all(D, "<SharedIFCSetID>([0-9]+)</SharedIFCSetID>(?=.*</Extension></ServiceProfile>)").
all(D, Pattern) ->
    case re:run(D, Pattern, [global, {capture, all_but_first, list}]) of
	{match, L} -> lists:append(L);
	nomatch -> []
    end.

%% ---- PPR and RTR by themselves -------------------------------------------------------------------------

changes_are_told() ->
    result("registers", sar(?CARD, ?CARD_IMPU, 1), 2001),
    hss("ifc set " ?CARD " priority=7 server=sip:told.home1.net"),
    told("a criterion", 'PPR', fun(#{'User-Data' := [D], 'User-Name' := U}) ->
	U =:= <<?CARD>> andalso binary:match(D, <<"sip:told.home1.net">>) =/= nomatch end),
    hss("impu set " ?CARD " sip:user1_public2@home1.net set=1"),
    told("one more identity", 'PPR', fun(#{'User-Data' := [D]}) -> binary:match(D, <<"user1_public2">>) =/= nomatch end),
    Joined = fun() -> case ask('LIR', [text(601, "sip:user1_public2@home1.net")]) of
			  {ok, #{'Server-Name' := [_]}} -> true;
			  Other -> Other
		      end end,
    eventually("it is registered with its set when the S-CSCF has agreed", Joined),
    hss("charging " ?CARD " ccf=aaa://told.home1.net"),
    told("charging", 'PPR', fun(#{'Charging-Information' := [C]}) ->
	C =:= #{'Primary-CCF' => [<<"aaa://told.home1.net">>]} end),
    hss("visited " ?CARD " home1.net"),
    hss("ifc set " ?CARD " profile=9 priority=7 server=sip:nobody.home1.net"),
    quiet("what no S-CSCF sees"),
    hss("subscriber remove " ?CARD " force"),
    told("who is removed", 'RTR', fun(#{'User-Name' := U, 'Public-Identity' := I, 'Deregistration-Reason' := R}) ->
	{U, I, R} =:= {<<?CARD>>, [<<?CARD_IMPU>>, <<"sip:user1_public2@home1.net">>], #{'Reason-Code' => 0}} end),
    quiet("once"),
    result("gone", ask('LIR', [text(601, ?CARD_IMPU)]), {experimental, 5001}).

told(What, Name, Is) -> told(What, Name, Is, 10000).
told(What, Name, Is, Ms) ->
    receive
	{Name, ?SCSCF, Values} -> check(What, Is(Values), Values);
	{Other, _, Values} when Other =/= Name, is_map(Values) -> check(What, false, Values);
	{malformed, _, Errors} -> check(What, false, Errors)
    after Ms -> check(What, false, nothing)
    end.

%% Longer than changes wait to be seen.
quiet(What) ->
    receive {Name, _, Values} when Name =/= diameter_event -> check(What, false, Values)
    after 2500 -> check(What, true, none)
    end.

eventually(What, Fun) -> eventually(What, Fun, 50).
eventually(What, Fun, 0) -> check(What, Fun() =:= true, Fun());
eventually(What, Fun, N) ->
    case Fun() of
	true -> check(What, true, none);
	_ -> timer:sleep(100), eventually(What, Fun, N - 1)
    end.

%% ---- users of other subscriber bases (TS 29.228 6.5) ---------------------------------------------------

users_of_others() ->
    Uar = fun(Impi, Impu) -> ask('UAR', [name(Impi), text(601, Impu), octets(600, <<"home1.net">>)]) end,
    result("nobody's yet", Uar("far@far.net", "sip:far@far.net"), {experimental, 5001}),
    hss("slf set *@far.net hss.far.net"),
    hss("slf set tel:+1-555 HSS2.far.net"),
    redirected("UAR", Uar("far@far.net", "sip:far@far.net"), <<"aaa://hss.far.net">>),
    redirected("LIR", ask('LIR', [text(601, "tel:+1555")]), <<"aaa://hss2.far.net">>),
    redirected("MAR", mar("far@far.net", "sip:far@far.net", "Unknown"), <<"aaa://hss.far.net">>),
    redirected("SAR", sar("far@far.net", "sip:far@far.net", 1), <<"aaa://hss.far.net">>),
    result("ours stay ours", ask('LIR', [text(601, ?LAB_IMPU)]), {experimental, 5003}),
    hss("slf remove *@far.net"),
    result("nobody's any more", Uar("far@far.net", "sip:far@far.net"), {experimental, 5001}).

%% ---- wildcarded identities (TS 23.003 13.5) ----------------------------------------------------------

wildcards() ->
    hss("impu set " ?LAB " 'sip:lab-!.*!@home1.net' set=7"),
    hss("impu set " ?LAB " " ?LAB_IMPU " set=7"),
    hss("impu set " ?LAB " 'sip:chat-![a-z]+!@home1.net' service"),
    hss("ifc set " ?LAB " priority=1 server=sip:chat.home1.net part=unregistered"),
    Lir = fun(I) -> ask('LIR', [text(601, I)]) end,
    Is = fun(What, Answer, Result, Wildcard) ->
	result(What, Answer, Result),
	has(What, Answer, 'Wildcarded-Public-Identity', Wildcard)
    end,
    Is("a room", Lir("sip:chat-red@HOME1.net:5060"), {experimental, 2003}, <<"sip:chat-![a-z]+!@home1.net">>),
    Is("no room", Lir("sip:chat-12@home1.net"), {experimental, 5001}, none),
    put(scscf, ?SCSCF),
    Room = ask('SAR', [text(601, "sip:chat-red@home1.net"), text(602, "sip:" ?SCSCF), u32(614, 3), u32(624, 0)]),
    Is("it is served", Room, 2001, <<"sip:chat-![a-z]+!@home1.net">>),
    says("its profile", Room, "<Identity>sip:chat-red@home1.net</Identity><Extension><IdentityType>2</IdentityType>"
	 "<WildcardedPSI>sip:chat-![a-z]+!@home1.net</WildcardedPSI></Extension>"),
    Is("which has a server now", Lir("sip:chat-blue@home1.net"), 2001, <<"sip:chat-![a-z]+!@home1.net">>),
    result("no registration", ask('UAR', [name(?LAB), text(601, "sip:chat-red@home1.net"), octets(600, <<"home1.net">>)]), 5003),
    Lab = sar(?LAB, ?LAB_IMPU, 1),
    Is("a set with a wildcard registers", Lab, 2001, none),
    says("which the S-CSCF is told", Lab, "<WildcardedIMPU>sip:lab-!.*!@home1.net</WildcardedIMPU>"),
    Is("who matches is registered", Lir("sip:lab-9@home1.net"), 2001, <<"sip:lab-!.*!@home1.net">>),
    hss("impu set " ?LAB " sip:lab-9@home1.net"),
    Is("a name of its own comes first", Lir("sip:lab-9@home1.net"), 2001, none),
    result("leaves", sar(?LAB, ?LAB_IMPU, 5), 2001),
    flush(),
    erase(scscf).

says(What, {ok, #{'User-Data' := [D]}}, Text) -> check(What, binary:match(D, list_to_binary(Text)) =/= nomatch, D);
says(What, Answer, _) -> check(What, false, Answer).

flush() -> receive {_, _, Values} when is_map(Values) -> flush() after 2500 -> ok end.

%% ---- an S-CSCF that is replaced (TS 29.228 6.1.3) ------------------------------------------------------

replaced() ->
    result("registers", sar(?LAB, ?LAB_IMPU, 1), 2001),
    put(scscf, ?OTHER),
    result("another asks for vectors", ask('MAR', [name(?LAB), text(601, ?LAB_IMPU), group(612, [text(608, "Unknown")]),
	u32(607, 1), text(602, "sip:" ?OTHER)]), 2001),
    quiet("nobody is told before that one serves him"),
    result("and registers him", sar(?LAB, ?LAB_IMPU, 1), 2001),
    told("the one before", 'RTR', fun(#{'User-Name' := U, 'Public-Identity' := I, 'Deregistration-Reason' := R}) ->
	{U, lists:member(<<?LAB_IMPU>>, I), R} =:= {<<?LAB>>, true, #{'Reason-Code' => 1}} end),
    quiet("once"),
    Answer = ask('LIR', [text(601, ?LAB_IMPU)]),
    result("he is the next one's", Answer, 2001),
    has("he is the next one's", Answer, 'Server-Name', <<"sip:" ?OTHER>>),
    result("leaves", sar(?LAB, ?LAB_IMPU, 5), 2001),
    erase(scscf).

%% ---- realms (RFC 6733 7.1.3) ---------------------------------------------------------------------------

realms() ->
    In = fun(Realm, More) -> put(realm, Realm), ask('LIR', [text(601, ?LAB_IMPU) | More]) end,
    Host = fun(H) -> [raw(293, undefined, true, H)] end,
    Known = {experimental, 5003}, %% the user is, though not registered
    result("its own", In(<<"home1.net">>, []), Known),
    result("in another case", In(<<"HOME1.net">>, []), Known),
    result("another that it serves", In(<<"ims.home1.net">>, []), Known),
    result("and one more, by its name", In(<<"Visited1.net">>, Host(<<"hss.home1.net">>)), Known),
    refused("one that nobody knows", In(<<"far.net">>, []), 3003),
    refused("even by its name", In(<<"far.net">>, Host(<<"hss.home1.net">>)), 3003),
    refused("part of one", In(<<"net">>, []), 3003),
    refused("another host in a realm of ours", In(<<"ims.home1.net">>, Host(<<"hss2.home1.net">>)), 3002),
    failed("none", In(none, []), 5005, 283),
    erase(realm).

refused(What, Answer, Code) ->
    check(What, case Answer of {answer_message, #{'Result-Code' := Code}, _} -> true; _ -> false end, Answer).

%% A protocol error: with the E bit, or Erlang would not read it as this.
redirected(What, Answer, Uri) ->
    check(What, case Answer of
		    {answer_message, #{'Result-Code' := 3006}, Avps} ->
			{Uri, <<0:32>>} =:= {find(292, Avps), find(261, Avps)};
		    _ -> false
		end, Answer).

find(Code, Avps) ->
    case [D || #diameter_avp{code = C, data = D} <- lists:flatten([Avps]), C =:= Code] of [D] -> D; Other -> Other end.

%% ---- requests ----------------------------------------------------------------------------------------

mar(Impi, Impu, Scheme) -> mar(Impi, Impu, Scheme, []).
mar(Impi, Impu, Scheme, InItem) ->
    ask('MAR', [name(Impi), text(601, Impu), group(612, [text(608, Scheme) | InItem]), u32(607, 1), text(602, "sip:" ?SCSCF)]).

sar(Impi, Impu, Type) -> sar(Impi, Impu, Type, []).
sar(Impi, Impu, Type, Avps) -> sar(Impi, Impu, Type, flag(Type =:= 2, 1), Avps).
sar(Impi, Impu, Type, HasData, Avps) ->
    ask('SAR', [name(Impi), text(601, Impu), text(602, "sip:" ++ host()), u32(614, Type), u32(624, HasData) | Avps]).
%% A re-registration at an S-CSCF that lacks the profile.
sar_new(Impi, Impu, Avps) -> sar(Impi, Impu, 2, 0, Avps).

realm(R) -> raw(283, undefined, true, R).

%% Which S-CSCF speaks.
host() -> case get(scscf) of undefined -> ?SCSCF; Host -> Host end.

raw(Code, Vendor, M, Data) ->
    #diameter_avp{code = Code, vendor_id = Vendor, is_mandatory = M, data = Data}.
octets(Code, Data) -> raw(Code, ?TGPP, Code < 634, Data).
u32(Code, N) -> octets(Code, <<N:32>>).
text(Code, Text) -> octets(Code, list_to_binary(Text)).
name(Impi) -> raw(1, undefined, true, list_to_binary(Impi)).
group(Code, Avps) -> octets(Code, iolist_to_binary([packed(A) || A <- Avps])).

packed(#diameter_avp{code = C, vendor_id = undefined, is_mandatory = M, data = D}) ->
    [<<C:32, (flag(M, 64)), (8 + byte_size(D)):24>>, D, padding(D)];
packed(#diameter_avp{code = C, vendor_id = V, is_mandatory = M, data = D}) ->
    [<<C:32, (128 bor flag(M, 64)), (12 + byte_size(D)):24, V:32>>, D, padding(D)].
flag(true, Bit) -> Bit;
flag(false, _) -> 0.
padding(D) -> binary:copy(<<0>>, (4 - byte_size(D) rem 4) rem 4).

ask(Name, Avps) ->
    Host = host(),
    Application = iolist_to_binary([<<266:32, 64, 12:24, ?TGPP:32>>, <<258:32, 64, 12:24, ?CX:32>>]),
    Base = [raw(263, undefined, true, iolist_to_binary(diameter:session_id(Host))), raw(260, undefined, true, Application),
	    raw(277, undefined, true, <<1:32>>), raw(264, undefined, true, list_to_binary(Host)),
	    raw(296, undefined, true, <<"home1.net">>)
	    | case get(realm) of none -> []; undefined -> [realm(<<"home1.net">>)]; R -> [realm(R)] end],
    diameter:call(Host, cx, [Name | #{'AVP' => Base ++ Avps}], [{timeout, 3000}]).

%% ---- what comes back ---------------------------------------------------------------------------------

result({ok, #{'Result-Code' := [R]}}) -> R;
result({ok, #{'Result-Code' := R}}) -> R;
result({ok, #{'Experimental-Result' := [#{'Vendor-Id' := ?TGPP, 'Experimental-Result-Code' := R}]}}) -> {experimental, R};
result(Other) -> Other.

result(What, Answer, Want) ->
    check(What, result(Answer) =:= Want, {result(Answer), wanted, Want}).

has(What, {ok, Values}, Key, none) ->
    check(What ++ ": no " ++ atom_to_list(Key), not maps:is_key(Key, Values), Values);
has(What, {ok, Values}, Key, Want) ->
    check(What ++ ": " ++ atom_to_list(Key), maps:get(Key, Values, none) =:= [Want], Values);
has(What, Other, Key, _) ->
    check(What ++ ": " ++ atom_to_list(Key), false, Other).

%% Failed-AVP quotes an AVP of that code.
failed(What, Answer, Want, Code) ->
    result(What, Answer, Want),
    Quoted = case Answer of
		 {ok, #{'Failed-AVP' := [#{'AVP' := Avps}]}} -> [C || #diameter_avp{code = C} <- lists:flatten([Avps])];
		 _ -> []
	     end,
    check(What ++ ": Failed-AVP", lists:member(Code, Quoted), {Quoted, Answer}).

check(_, true, _) -> put(passed, get(passed) + 1);
check(What, false, Got) ->
    put(failed, get(failed) + 1),
    io:format("FAILED ~s: ~p~n", [What, Got]).

hss(Arguments) ->
    Say = os:cmd(os:getenv("HSSCTL") ++ " " ++ Arguments ++ " 2>&1; echo $?"),
    check("hssctl " ++ Arguments, lists:suffix("0\n", Say), Say).

%% ---- diameter's callbacks ----------------------------------------------------------------------------

start(Host, Address, Dictionary) ->
    ok = diameter:start_service(Host, [
	{'Origin-Host', Host}, {'Origin-Realm', "home1.net"}, {'Host-IP-Address', [Address]}, {'Vendor-Id', ?TGPP},
	{'Product-Name', "cscf"}, {'Supported-Vendor-Id', [?TGPP]},
	{'Vendor-Specific-Application-Id', [#'diameter_base_Vendor-Specific-Application-Id'{
	    'Vendor-Id' = ?TGPP, 'Auth-Application-Id' = [?CX]}]},
	{decode_format, map}, {string_decode, false},
	{application, [{alias, cx}, {dictionary, Dictionary}, {module, ?MODULE}, {answer_errors, callback}]}]),
    true = diameter:subscribe(Host),
    {ok, _} = diameter:add_transport(Host, {connect, [
	{transport_module, diameter_tcp}, {connect_timer, 1000},
	{transport_config, [{raddr, {10, 9, 9, 1}}, {rport, 3868}, {ip, Address}]}]}),
    receive {diameter_event, Host, Up} when element(1, Up) =:= up -> ok
    after 20000 -> io:format("FAILED ~s does not connect~n", [Host]), halt(1)
    end.

peer_up(_, _, State) -> State.
peer_down(_, _, State) -> State.
pick_peer([Peer | _], _, _, _) -> {ok, Peer};
pick_peer([], _, _, _) -> false.

prepare_request(Packet, _, _) -> {send, Packet}.
prepare_retransmit(Packet, _, _) -> {send, Packet}.

handle_answer(#diameter_packet{msg = ['answer-message' | Values], avps = Avps}, _, _, _) -> {answer_message, Values, Avps};
handle_answer(#diameter_packet{msg = [_ | Values], errors = []}, _, _, _) -> {ok, Values};
handle_answer(#diameter_packet{errors = Errors}, _, _, _) -> {errors, Errors}.
handle_error(Reason, _, _, _) -> {error, Reason}.

%% What the HSS begins: told to the test, and agreed to.
handle_request(#diameter_packet{msg = [Name | Values], errors = []}, Service, _) ->
    persistent_term:get(tester) ! {Name, Service, Values},
    {reply, [case Name of 'PPR' -> 'PPA'; 'RTR' -> 'RTA' end | maps:merge(#{
	'Session-Id' => maps:get('Session-Id', Values), 'Origin-Host' => Service, 'Origin-Realm' => "home1.net",
	'Auth-Session-State' => 1, 'Vendor-Specific-Application-Id' => #{'Vendor-Id' => ?TGPP, 'Auth-Application-Id' => [?CX]}},
     persistent_term:get(ppa, #{'Result-Code' => [2001]}))]};
handle_request(#diameter_packet{errors = Errors}, Service, _) ->
    persistent_term:get(tester) ! {malformed, Service, Errors},
    discard.

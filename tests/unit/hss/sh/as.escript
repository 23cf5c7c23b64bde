#!/usr/bin/env escript
%% -*- erlang -*-
%%! -kernel logger_level critical
%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Application servers on Erlang/OTP's diameter, a stack that shares nothing with ims-hss:
%%   as.escript DICTIONARY
%% They play against the ims-hss on 10.9.9.1 that check-sh has started; HSSCTL says how its hssctl is called. Each
%% check prints "FAILED <what>" or counts as passed.
-module(as).
-mode(compile).
-export([main/1]).
-export([peer_up/3, peer_down/3, pick_peer/5, prepare_request/4, prepare_retransmit/4, handle_answer/5, handle_error/5,
	 handle_request/3]).
-include_lib("diameter/include/diameter.hrl").
-include_lib("diameter/include/diameter_gen_base_rfc6733.hrl").

-define(TGPP, 10415).
-define(SH, 16777217).
-define(A, "sip:user1_public1@home1.net").
-define(B, "sip:user1_public2@home1.net").

main([File | Phase]) ->
    {ok, [Forms]} = diameter_make:codec(File, [forms, return]),
    {ok, Mod, Code} = compile:forms(Forms, []),
    {module, Mod} = code:load_binary(Mod, "sh.beam", Code),
    put(passed, 0),
    put(failed, 0),
    ok = diameter:start(),
    persistent_term:put(tester, self()),
    answer_with(2001),
    start("as1.home1.net", {10, 9, 9, 2}, Mod),
    case Phase of [] -> first(Mod); ["again"] -> again() end,
    [diameter:stop_service(S) || S <- diameter:services()],
    io:format("~p passed, ~p failed~n", [get(passed), get(failed)]),
    halt(case get(failed) of 0 -> 0; _ -> 1 end).

first(Mod) ->
    start("as2.home1.net", {10, 9, 9, 3}, Mod),
    start("cscf.home1.net", {10, 9, 9, 2}, Mod),
    start("relay.home1.net", {10, 9, 9, 3}, Mod),
    start("plain.home1.net", {10, 9, 9, 3}, Mod),
    what_is_read(),
    notif_eff(),
    who_may_read(),
    which_user(),
    what_is_missing(),
    what_is_wrong(),
    who_is_elsewhere(),
    wildcards(),
    keys(),
    data_are_kept(),
    data_have_bounds(),
    update_eff(),
    services_are_switched(),
    criteria_are_masked(),
    all_at_once(),
    who_may_change(),
    who_may_subscribe(),
    subscriptions_have_bounds(),
    state_is_told(),
    several_are_told_at_once(),
    provisioning_is_told(),
    messages_have_bounds(),
    others_changes_are_told(),
    subscriptions_end(),
    nobody_else_is_told(Mod),
    %% for the second run
    result("state", subscribe("as1.home1.net", ?A, [11], []), 2001).

%% ims-hss was started again, and the user registered while as1 was away: the subscription is still there.
again() ->
    told("after a restart", "as1.home1.net", "<IMSUserState>1</IMSUserState>"),
    says("sh subscriptions " ?A, "as1.home1.net " ?A " data=11\n"),
    %% for the export
    result("data", write("as1.home1.net", ?A, sh_data("moved", 0, "<ServiceData><a b=\"\303\244\"/></ServiceData>")), 2001).

%% ---- reading -----------------------------------------------------------------------------------------

what_is_read() ->
    As = "as1.home1.net",
    has("registered", read(As, ?A, [11]), "<IMSUserState>0</IMSUserState>"),
    has("all that are not barred", read(As, ?A, [10]), "<PublicIdentifiers><IMSPublicIdentity>" ?A "</IMSPublicIdentity>"
	"<IMSPublicIdentity>" ?B "</IMSPublicIdentity><IMSPublicIdentity>sip:user1_public4@home1.net</IMSPublicIdentity>"
	"<IMSPublicIdentity>sip:psi1@home1.net</IMSPublicIdentity></PublicIdentifiers>"),
    has("implicit set", read(As, ?A, [10], [u32(708, 2)]), "<PublicIdentifiers><IMSPublicIdentity>" ?A
	"</IMSPublicIdentity><IMSPublicIdentity>" ?B "</IMSPublicIdentity></PublicIdentifiers>"),
    has("alias set", read(As, ?A, [10], [u32(708, 3)]), "<PublicIdentifiers><IMSPublicIdentity>" ?A
	"</IMSPublicIdentity><IMSPublicIdentity>" ?B "</IMSPublicIdentity></PublicIdentifiers>"),
    has("several sets", read(As, ?A, [10], [u32(708, 1), u32(708, 3)]),
	"<Extension><RegisteredIdentities/><AliasIdentities>"),
    %% nothing is registered: no User-Data at all, without Notif-Eff
    none("none registered", read(As, ?A, [10], [u32(708, 1)])),
    none("no S-CSCF", read(As, ?A, [12])),
    has("no S-CSCF beside what is known", read(As, ?A, [11, 12]), "<SCSCFName></SCSCFName>"),
    has("filter criteria of that server", read(As, ?A, [13], [text(602, "sip:as.home1.net:5060")]),
	"<IFCs><InitialFilterCriteria><Priority>10</Priority>"),
    none("no criteria of another", read(As, ?A, [13], [text(602, "sip:nobody.home1.net")])),
    has("charging", read(As, ?A, [16]), "<ChargingInformation><PrimaryChargingCollectionFunctionName>"
	"aaa://ccf.home1.net</PrimaryChargingCollectionFunctionName></ChargingInformation>"),
    has("MSISDN", read(As, ?A, [17]), "<PublicIdentifiers><MSISDN>12125551111</MSISDN></PublicIdentifiers>"),
    has("IMSI and private identities", read(As, ?A, [32, 33]), "<IMSI>001010000000001</IMSI><IMSPrivateUserIdentity>"
	"user1_private@home1.net</IMSPrivateUserIdentity></Extension>"),
    none("location", read(As, ?A, [14], [u32(706, 0)])),
    none("state in the PS domain", read(As, ?A, [15], [u32(706, 1)])),
    none("no repository data", read(As, ?A, [0], [text(704, "mmtel")])),
    hss("impu bar user1_private@home1.net " ?B),
    has("barred ones are in no set", read(As, ?A, [10], [u32(708, 2)]), "<PublicIdentifiers><IMSPublicIdentity>" ?A
	"</IMSPublicIdentity></PublicIdentifiers>"),
    hss("impu unbar user1_private@home1.net " ?B).

%% Who names Notif-Eff (bit 0) is told of everything that he asks for, known or not (6.1.1.1 step 5, 6.1.3.1 step 10).
notif_eff() ->
    As = "as1.home1.net",
    Names = fun(What, Answer) ->
	check(What, case Answer of {ok, #{'Supported-Features' := [#{'Feature-List-ID' := 1, 'Feature-List' := 1}]}} -> true;
				   _ -> false end, Answer)
    end,
    Names("the HSS names it", read(As, ?A, [11])),
    Names("also where it refuses", read(As, "sip:nobody@home1.net", [11])),
    Names("and what is demanded", read(As, ?A, [11], [features(true, 2)])),
    Eff = features(true, 1),
    has("nothing registered", read(As, ?A, [10], [u32(708, 1), Eff]), "<Sh-Data><PublicIdentifiers/></Sh-Data>"),
    has("no S-CSCF", read(As, ?A, [12], [features(false, 1)]), "<Sh-IMS-Data><SCSCFName></SCSCFName></Sh-IMS-Data>"),
    has("no criteria", read(As, ?A, [13], [text(602, "sip:nobody.home1.net"), Eff]), "<IFCs/>"),
    has("no location", read(As, ?A, [14], [u32(706, 0), Eff]), "<CSLocationInformation>"),
    has("no state", read(As, ?A, [15], [u32(706, 1), Eff]), "<Sh-Data/>"),
    has("no data of two services", read(As, ?A, [0], [text(704, "mmtel"), text(704, "vcc"), Eff]),
	"<Sh-Data><RepositoryData><ServiceIndication>mmtel</ServiceIndication><SequenceNumber>0</SequenceNumber></RepositoryData>"
	"<RepositoryData><ServiceIndication>vcc</ServiceIndication><SequenceNumber>0</SequenceNumber></RepositoryData></Sh-Data>"),
    Begun = subscribe(As, ?A, [12], [u32(710, 1), Eff]),
    Names("subscribed", Begun),
    has("to nothing yet", Begun, "<SCSCFName></SCSCFName>"),
    none("without it", subscribe(As, ?A, [12], [u32(710, 1)])),
    result("not any more", unsubscribe(As, ?A, [12], [Eff]), 2001),
    result("it is none of updates", ask(As, 'PUR', pur(?A, [0], sh_data("x", 0, "<ServiceData/>"), [Eff])),
	   {experimental, 5011}).

who_may_read() ->
    result("nothing was granted", read("as2.home1.net", ?A, [11]), {experimental, 5102}),
    result("before the user is looked at", read("as2.home1.net", "sip:nobody@home1.net", [11]), {experimental, 5102}),
    hss("as set as2.home1.net data=11 allow=pull"),
    result("granted", read("as2.home1.net", ?A, [11]), 2001),
    result("not all of it", read("as2.home1.net", ?A, [11, 12]), {experimental, 5102}),
    hss("as remove as2.home1.net"),
    result("taken away", read("as2.home1.net", ?A, [11]), {experimental, 5102}),
    result("a CSCF is no application server", read("plain.home1.net", ?A, [11]), 5003),
    Pretend = fun(V) -> V#{'Origin-Host' => ["as1.home1.net"]} end,
    result("nobody speaks for another", ask("as2.home1.net", 'UDR', Pretend(udr(?A, [11], []))), {experimental, 5102}),
    Loud = fun(V) -> V#{'Origin-Host' => ["AS1.Home1.NET"]} end,
    result("in capitals it is the same", ask("as1.home1.net", 'UDR', Loud(udr(?A, [11], []))), 2001),
    result("also for what begins", ask("as1.home1.net", 'SNR', Loud(udr(?A, [11], [u32(705, 0)]))), 2001),
    result("and ends", unsubscribe("as1.home1.net", ?A, [11], []), 2001),
    eventually("nothing is left", fun nobody_is_subscribed/0),
    result("but a relay", ask("relay.home1.net", 'UDR', Pretend(udr(?A, [11], []))), 2001).

which_user() ->
    As = "as1.home1.net",
    result("unknown", read(As, "sip:nobody@home1.net", [11]), {experimental, 5001}),
    result("no identity at all", read(As, "mailto:x", [11]), {experimental, 5001}),
    result("another form", read(As, "sip:user1_public1@HOME1.net:5060;x=y", [11]), 2001),
    result("his private identity", read(As, ?A, [11], [name("user1_private@home1.net")]), 2001),
    result("another's", read(As, ?A, [11], [name("user2_private@home1.net")]), {experimental, 5002}),
    has("by MSISDN", ask(As, 'UDR', by_msisdn(<<16#21, 16#21, 16#55, 16#15, 16#11, 16#f1>>, [17])),
	"<MSISDN>12125551111</MSISDN>"),
    result("an unknown one", ask(As, 'UDR', by_msisdn(<<16#21, 16#43>>, [17])), {experimental, 5001}),
    result("no MSISDN for the state", ask(As, 'UDR', by_msisdn(<<16#21, 16#21, 16#55, 16#15, 16#11, 16#f1>>, [11])),
	   {experimental, 5101}),
    result("no DSAI", read(As, ?A, [19], [text(711, "x"), text(602, "sip:as.home1.net:5060")]), {experimental, 5108}).

what_is_missing() ->
    As = "as1.home1.net",
    %% (an answer to what has no Session-Id can have none, and is an error to Erlang)
    [failed("without " ++ atom_to_list(K), ask(As, 'UDR', maps:remove(K, udr(?A, [11], []))), 5005, Code)
     || {K, Code} <- [{'Vendor-Specific-Application-Id', 260}, {'Auth-Session-State', 277},
		      {'User-Identity', 700}, {'Data-Reference', 703}]],
    failed("no identity in User-Identity", ask(As, 'UDR', (udr(?A, [11], []))#{'User-Identity' => [#{}]}), 5005, 700),
    failed("no Service-Indication", read(As, ?A, [0]), 5005, 704),
    failed("no Server-Name", read(As, ?A, [13]), 5005, 602),
    failed("no Requested-Domain", read(As, ?A, [14]), 5005, 706),
    failed("no DSAI-Tag", read(As, ?A, [19], [text(602, "sip:x")]), 5005, 711).

what_is_wrong() ->
    As = "as1.home1.net",
    failed("no such Data-Reference", read(As, ?A, [99]), 5004, 703),
    failed("no such Identity-Set", read(As, ?A, [10], [u32(708, 4)]), 5004, 708),
    failed("two identities of a user", ask(As, 'UDR', (udr(?A, [11], []))#{'User-Identity' =>
		[#{'Public-Identity' => [?A], 'MSISDN' => [<<16#21>>]}]}), 5004, 700),
    failed("two users", ask(As, 'UDR', (udr(?A, [11], []))#{'User-Identity' =>
		[#{'Public-Identity' => [?A]}, #{'Public-Identity' => [?B]}]}), 5009, 700),
    failed("an unknown AVP with M", read(As, ?A, [11], [raw(4711, 9999, true, <<"x">>)]), 5001, 4711),
    result("an unknown AVP without M", read(As, ?A, [11], [raw(4711, 9999, false, <<"x">>)]), 2001),
    failed("a length that its type cannot have", read(As, ?A, [11], [raw(706, ?TGPP, true, <<1, 2>>)]), 5014, 706),
    failed("a Service-Indication that is no text", read(As, ?A, [0], [raw(704, ?TGPP, true, <<1, 2>>)]), 5004, 704),
    result("M where none is", ask(As, 'UDR', (udr(?A, [10], [raw(708, ?TGPP, true, <<2:32>>)]))), 2001),
    result("a feature that is demanded", read(As, ?A, [11], [features(true, 2)]), {experimental, 5011}),
    result("one of two", read(As, ?A, [11], [features(true, 3)]), {experimental, 5011}),
    result("a feature that is offered", read(As, ?A, [11], [features(false, 2)]), 2001),
    put(header, fun(H) -> H#diameter_header{is_proxiable = false} end),
    result("not proxiable", read(As, ?A, [11]), 2001),
    put(header, fun(H) -> H#diameter_header{is_error = true} end),
    result("a request with the error bit", read(As, ?A, [11]), 3008),
    erase(header),
    result("no such command", unknown_command(As), 3001),
    result("still served", read(As, ?A, [11]), 2001).

%% A user of another subscriber base (TS 29.328 6.5): a protocol error with Redirect-Host, grant or no grant.
who_is_elsewhere() ->
    hss("slf set sip:far@far.net hss.far.net"),
    [result(As, read(As, "sip:far@far.net", [11]), 3006) || As <- ["as1.home1.net", "as2.home1.net"]],
    result("nor is anything changed", write("as1.home1.net", "sip:far@far.net", sh_data("x", 0, "<ServiceData/>")), 3006),
    hss("slf remove sip:far@far.net"),
    result("nobody", read("as1.home1.net", "sip:far@far.net", [11]), {experimental, 5001}).

%% Which identity is a key to which data (TS 29.328 table 7.6.1), and what an Identity-Set means for each (7.6.2).
keys() ->
    As = "as1.home1.net",
    Psi = "sip:psi1@home1.net",
    Chat = "sip:talk-!.*!@home1.net",
    hss("impu set user1_private@home1.net '" ++ Chat ++ "' service profile=3"),
    hss("ifc set user1_private@home1.net profile=1 priority=11 server=sip:as.home1.net:5060 dsai=k"),
    hss("ifc set user1_private@home1.net profile=3 priority=11 server=sip:as.home1.net:5060 dsai=k"),
    Avps = fun(R) -> [text(704, "x") || R =:= 0] ++ [text(602, "sip:as.home1.net:5060") || R =:= 13 orelse R =:= 19] ++
			 [u32(706, 0) || R =:= 14 orelse R =:= 15] ++ [text(711, "k") || R =:= 19] end,
    Number = <<16#21, 16#21, 16#55, 16#15, 16#11, 16#f1>>,
    %% Data-Reference, and whether a user, a service, a wildcarded service and an MSISDN are a key to it
    Table = [{0, y, y, y, n}, {10, y, y, y, y}, {11, y, n, n, n}, {12, y, y, y, n}, {13, y, y, y, n}, {14, y, n, n, y},
	     {15, y, n, n, y}, {16, y, y, y, y}, {17, y, n, n, y}, {18, n, y, n, n}, {19, y, y, y, n}, {32, y, n, n, y}, {33, y, n, n, n}],
    May = fun(y) -> 2001; (n) -> {experimental, 5101} end,
    [begin
	 What = fun(Key) -> lists:flatten(io_lib:format("Data-Reference ~b by ~s", [R, Key])) end,
	 result(What("user"), read(As, ?A, [R], Avps(R)), May(U)),
	 result(What("service"), read(As, Psi, [R], Avps(R)), May(S)),
	 result(What("wildcard"), read(As, "sip:talk-7@home1.net", [R], Avps(R)), May(W)),
	 Udr = by_msisdn(Number, [R]),
	 result(What("number"), ask(As, 'UDR', Udr#{'AVP' => Avps(R)}), May(N))
     end || {R, U, S, W, N} <- Table],
    Set = fun(User, N) -> read(As, User, [10], [u32(708, N), features(false, 1)]) end,
    Just = fun(Identity) -> "<Sh-Data><PublicIdentifiers><IMSPublicIdentity>" ++ Identity ++
		"</IMSPublicIdentity></PublicIdentifiers></Sh-Data>" end,
    sar(?A, 1),
    has("registered, of a user", Set(?A, 1), "<Sh-Data><PublicIdentifiers><IMSPublicIdentity>" ?A "</IMSPublicIdentity>"
	"<IMSPublicIdentity>" ?B "</IMSPublicIdentity></PublicIdentifiers></Sh-Data>"),
    has("registered, of a service", Set(Psi, 1), "<Sh-Data><PublicIdentifiers/></Sh-Data>"),
    has("implicit, of a service", Set(Psi, 2), Just(Psi)),
    has("implicit, of who is in no set but his own", Set("sip:user1_public4@home1.net", 2), Just("sip:user1_public4@home1.net")),
    has("alias, of who has none", Set("sip:user1_public4@home1.net", 3), Just("sip:user1_public4@home1.net")),
    sar(?A, 5),
    hss("ifc remove user1_private@home1.net profile=1 priority=11"),
    hss("ifc remove user1_private@home1.net profile=3 priority=11"),
    hss("impu remove user1_private@home1.net '" ++ Chat ++ "'").

%% Who matches a wildcard is read, kept data for and subscribed to under it (TS 29.328 7.1), and it is named.
wildcards() ->
    As = "as1.home1.net",
    Pbx = "sip:pbx-!.{4}!@home1.net",
    Chat = "sip:chat-!.*!@home1.net",
    hss("impu set user2_private@home1.net '" ++ Pbx ++ "'"),
    hss("impu set user2_private@home1.net '" ++ Chat ++ "' service"),
    Named = fun(What, Answer, Key, Name) ->
	result(What, Answer, 2001),
	check(What, case Answer of {ok, #{Key := [N]}} -> N =:= list_to_binary(Name); _ -> false end, Answer)
    end,
    Named("a user", read(As, "sip:pbx-1234@HOME1.net", [11]), 'Wildcarded-IMPU', Pbx),
    Named("a service", read(As, "sip:chat-red@home1.net", [12]), 'Wildcarded-Public-Identity', Chat),
    result("neither", read(As, "sip:pbx-12345@home1.net", [11]), {experimental, 5001}),
    Named("data", write(As, "sip:chat-red@home1.net", sh_data("room", 0, "<ServiceData>a</ServiceData>")),
	  'Wildcarded-Public-Identity', Chat),
    has("are the same for all", read(As, "sip:chat-blue@home1.net", [0], [text(704, "room")]), "<ServiceData>a</ServiceData>"),
    Named("a subscription", subscribe(As, "sip:pbx-1234@home1.net", [11], []), 'Wildcarded-IMPU', Pbx),
    says("sh subscriptions", "as1.home1.net " ++ Pbx ++ " data=11"),
    result("is ended by any of them", unsubscribe(As, "sip:pbx-5678@home1.net", [11], []), 2001),
    eventually("nobody is subscribed", fun nobody_is_subscribed/0),
    hss("impu remove user2_private@home1.net '" ++ Chat ++ "'"),
    hss("impu remove user2_private@home1.net '" ++ Pbx ++ "'"),
    result("gone", read(As, "sip:pbx-1234@home1.net", [11]), {experimental, 5001}).

%% ---- repository data ---------------------------------------------------------------------------------

data_are_kept() ->
    As = "as1.home1.net",
    result("a change of what is not there", write(As, ?A, sh_data("mmtel", 1, "<ServiceData>a</ServiceData>")),
	   {experimental, 5105}),
    result("a removal of it", write(As, ?A, sh_data("mmtel", 0, "")), {experimental, 5101}),
    result("new", write(As, ?A, sh_data("mmtel", 0, "<ServiceData><a b='1'>x</a></ServiceData>")), 2001),
    has("read", read(As, ?A, [0], [text(704, "mmtel")]), "<RepositoryData><ServiceIndication>mmtel</ServiceIndication>"
	"<SequenceNumber>0</SequenceNumber><ServiceData><a b=\"1\">x</a></ServiceData></RepositoryData>"),
    has("of the alias too", read(As, ?B, [0], [text(704, "mmtel")]), "<SequenceNumber>0</SequenceNumber><ServiceData>"),
    none("not of another", read(As, "sip:user1_public3@home1.net", [0], [text(704, "mmtel")])),
    result("new although it is there", write(As, ?A, sh_data("mmtel", 0, "<ServiceData>b</ServiceData>")),
	   {experimental, 5105}),
    result("the next", write(As, ?B, sh_data("mmtel", 1, "<ServiceData>b</ServiceData>")), 2001),
    result("the same again", write(As, ?A, sh_data("mmtel", 1, "<ServiceData>c</ServiceData>")), {experimental, 5105}),
    has("two services, one of them unknown", read(As, ?A, [0], [text(704, "mmtel"), text(704, "other")]),
	"<ServiceData>b</ServiceData></RepositoryData><RepositoryData><ServiceIndication>other</ServiceIndication>"
	"<SequenceNumber>0</SequenceNumber></RepositoryData>"),
    has("a service that is named 20 times is one", read(As, ?A, [0], lists:duplicate(20, text(704, "mmtel"))),
	"<Sh-Data><RepositoryData><ServiceIndication>mmtel</ServiceIndication><SequenceNumber>1</SequenceNumber>"
	"<ServiceData>b</ServiceData></RepositoryData></Sh-Data>"),
    result("too much", write(As, ?A, sh_data("mmtel", 2, ["<ServiceData>", lists:duplicate(40000, $x), "</ServiceData>"])),
	   {experimental, 5008}),
    says("sh data " ?A, "\"mmtel\" sequence=1 octets="),
    says("sh data " ?A " mmtel", "<ServiceData>b</ServiceData>"),
    result("removed", write(As, ?A, sh_data("mmtel", 2, "")), 2001),
    none("gone", read(As, ?A, [0], [text(704, "mmtel")])),
    Nested = fun(Depth, Inside) -> lists:append(lists:duplicate(Depth, "<Extension>")) ++ Inside ++
		 lists:append(lists:duplicate(Depth, "</Extension>")) end,
    [result("an Extension says nothing", write(As, ?A, sh_data("nest", N, "<ServiceData/>" ++ Nested(3, Inside))), 2001)
     || {N, Inside} <- [{0, ""}, {1, "<o:Other xmlns:o='urn:o'><a/></o:Other>"}]],
    result("one that has data of Sh", write(As, ?A, sh_data("nest", 2, "<ServiceData/>" ++ Nested(4, "<IMSI>1</IMSI>"))),
	   {experimental, 5100}),
    result("removed", write(As, ?A, sh_data("nest", 2, "")), 2001),
    [result("no Sh-Data: " ++ Bad, write(As, ?A, Bad), {experimental, 5100})
     || Bad <- ["x", "<Sh-Data/>", "<Sh-Data><Sh-IMS-Data><IMSUserState>1</IMSUserState></Sh-IMS-Data>" ++
		lists:nthtail(length("<Sh-Data>"), lists:flatten(sh_data("mmtel", 0, "<ServiceData/>"))),
		 "<!DOCTYPE a [<!ENTITY b 'c'>]>" ++ lists:flatten(sh_data("mmtel", 0, "<ServiceData>&b;</ServiceData>"))]].

%% check-sh has set sh_services_max to 8.
data_have_bounds() ->
    As = "as1.home1.net",
    Keep = fun(N) -> write(As, ?A, sh_data("s" ++ integer_to_list(N), 0, "<ServiceData/>")) end,
    [result("as many services as there may be", Keep(N), 2001) || N <- lists:seq(1, 8)],
    Limited = counted("sh_limited"),
    result("one more", Keep(9), {experimental, 5008}),
    check("is counted", counted("sh_limited") =/= Limited, Limited),
    result("another identity of the alias set has the same", write(As, ?B, sh_data("s9", 0, "<ServiceData/>")), {experimental, 5008}),
    result("another user has room", write(As, "sip:user2_public1@home1.net", sh_data("s9", 0, "<ServiceData/>")), 2001),
    result("a change", write(As, ?A, sh_data("s8", 1, "<ServiceData>a</ServiceData>")), 2001),
    result("one less", write(As, ?A, sh_data("s8", 2, "")), 2001),
    result("leaves room", Keep(9), 2001),
    [result("removed", write(As, ?A, sh_data("s" ++ integer_to_list(N), 1, "")), 2001) || N <- [1, 2, 3, 4, 5, 6, 7, 9]],
    result("removed", write(As, "sip:user2_public1@home1.net", sh_data("s9", 1, "")), 2001).

%% Who names Update-Eff (bit 1) changes the data of several services in one request, all or nothing (6.1.2.1, 4c).
update_eff() ->
    As = "as1.home1.net",
    Other = "as2.home1.net",
    Eff = features(false, 2),
    All = fun(Parts) -> ["<Sh-Data>", [["<RepositoryData><ServiceIndication>", S, "</ServiceIndication><SequenceNumber>",
		integer_to_list(N), "</SequenceNumber>", D, "</RepositoryData>"] || {S, N, D} <- Parts], "</Sh-Data>"] end,
    Write = fun(Parts, Avps) -> ask(As, 'PUR', pur(?A, [0], All(Parts), Avps)) end,
    Fails = fun(What, Parts, Code, Service, Sequence) ->
	Answer = Write(Parts, [Eff]),
	result(What, Answer, {experimental, Code}),
	check(What ++ ": which", case Answer of
		  {ok, #{'Repository-Data-ID' := [#{'Service-Indication' := S, 'Sequence-Number' := N}]}} ->
		      {iolist_to_binary(S), N} =:= {list_to_binary(Service), Sequence};
		  _ -> false
	      end, Answer)
    end,
    D = fun(Text) -> "<ServiceData>" ++ Text ++ "</ServiceData>" end,
    One = write(As, ?A, sh_data("e0", 0, D("x"))),
    result("one", One, 2001),
    check("the HSS names it", case One of {ok, #{'Supported-Features' := [#{'Feature-List-ID' := 1, 'Feature-List' := 6}]}} -> true;
				  _ -> false end, One),
    result("demanded", ask(As, 'PUR', pur(?A, [0], sh_data("e0", 1, D("y")), [features(true, 2)])), 2001),
    result("several without the feature", Write([{"e1", 0, D("a")}, {"e2", 0, D("b")}], []), {experimental, 5100}),
    result("several", Write([{"e1", 0, D("a")}, {"e2", 0, D("b")}, {"e0", 2, ""}], [Eff]), 2001),
    has("are kept", read(As, ?A, [0], [text(704, "e1"), text(704, "e2")]), D("a") ++ "</RepositoryData><RepositoryData>"
	"<ServiceIndication>e2</ServiceIndication><SequenceNumber>0</SequenceNumber>" ++ D("b")),
    none("and removed", read(As, ?A, [0], [text(704, "e0")])),
    Fails("the second is out of sync", [{"e1", 1, D("c")}, {"e2", 7, D("d")}], 5105, "e2", 7),
    Fails("the first is not there", [{"e9", 0, ""}, {"e2", 1, D("d")}], 5101, "e9", 0),
    Fails("the third is too long", [{"e1", 1, D("c")}, {"e2", 1, D("d")}, {"e3", 0, D(lists:duplicate(40000, $x))}], 5008, "e3", 0),
    Fails("the seventh has no room", [{"e1", 1, D("c")} | [{"e1" ++ integer_to_list(N), 0, D("x")} || N <- lists:seq(1, 7)]], 5008,
	  "e17", 0),
    result("a service twice", Write([{"e1", 1, D("c")}, {"e1", 2, D("d")}], [Eff]), {experimental, 5100}),
    result("17 services", Write([{"f" ++ integer_to_list(N), 0, D("x")} || N <- lists:seq(1, 17)], [Eff]), {experimental, 5008}),
    has("nothing of that was kept", read(As, ?A, [0], [text(704, "e1"), text(704, "e2")]), D("a") ++ "</RepositoryData>"
	"<RepositoryData><ServiceIndication>e2</ServiceIndication><SequenceNumber>0</SequenceNumber>" ++ D("b")),
    %% who has subscribed is told of all in one request, if he has Notif-Eff (6.1.4.1)
    hss("as set " ++ Other ++ " data=0 allow=pull,subscribe"),
    Both = [text(704, "e1"), text(704, "e2")],
    [result("subscribed", subscribe(Who, ?A, [0], [features(false, 1) | Both]), 2001) || Who <- [As, Other]],
    result("both", Write([{"e1", 1, D("c")}, {"e2", 1, D("d")}], [Eff]), 2001),
    receive {notified, Other, #{'User-Data' := Told}} ->
	Text = iolist_to_binary(Told),
	check("one request tells both", lists:all(fun(T) -> binary:match(Text, list_to_binary(T)) =/= nomatch end, [D("c"), D("d")]),
	      Text)
    after 20000 -> check("one request tells both", false, nothing)
    end,
    quiet("who did it is not told", As),
    result("removed", Write([{"e1", 2, ""}, {"e2", 2, ""}], [Eff]), 2001),
    receive {notified, Other, _} -> check("gone", true, none) after 20000 -> check("gone", false, nothing) end,
    eventually("with what they were for", fun nobody_is_subscribed/0),
    hss("as remove " ++ Other).

%% PSI Activation State (TS 29.328 6.1.2.1 step 4, 7.6.10): 1 is on, 0 off.
services_are_switched() ->
    As = "as1.home1.net",
    Psi = "sip:psi1@home1.net",
    Switch = fun(User, Value) -> ask(As, 'PUR', pur(User, [18], ims_data(["<PSIActivation>", Value, "</PSIActivation>"]), [])) end,
    Says = fun(Value) -> "<Sh-IMS-Data><Extension><PSIActivation>" ++ Value ++ "</PSIActivation></Extension></Sh-IMS-Data>" end,
    has("is on", read(As, Psi, [18]), Says("1")),
    result("of a user", Switch(?A, "0"), {experimental, 5101}),
    result("neither on nor off", Switch(Psi, "2"), {experimental, 5100}),
    result("of other data", ask(As, 'PUR', pur(Psi, [0], ims_data("<PSIActivation>0</PSIActivation>"), [])), {experimental, 5100}),
    result("none in the document", ask(As, 'PUR', pur(Psi, [18], sh_data("x", 0, "<ServiceData/>"), [])), {experimental, 5100}),
    hss("as set as2.home1.net data=18 allow=pull,subscribe"),
    result("not without a grant", ask("as2.home1.net", 'PUR', pur(Psi, [18], ims_data("<PSIActivation>0</PSIActivation>"), [])),
	   {experimental, 5103}),
    [result("subscribed", subscribe(Who, Psi, [18], []), 2001) || Who <- [As, "as2.home1.net"]],
    cx(301, Psi, [raw(614, ?TGPP, true, <<3:32>>), raw(624, ?TGPP, true, <<0:32>>)]),
    says("subscriber show user1_private@home1.net", "sip:psi1@home1.net unregistered"),
    result("off", Switch(Psi, "0"), 2001),
    told("the other is told", "as2.home1.net", Says("0")),
    quiet("who did it is not", As),
    has("is off", read(As, Psi, [18]), Says("0")),
    check("no CSCF knows it", experimental(cx(302, Psi, [])) =:= 5001, cx(302, Psi, [])),
    says("subscriber show user1_private@home1.net", "sip:psi1@home1.net not-registered"),
    eventually("its S-CSCF was told", fun() -> counted("rtr") =/= " 0" end),
    result("off again", Switch(Psi, "0"), 2001),
    result("on", Switch(Psi, "1"), 2001),
    told("the other is told", "as2.home1.net", Says("1")),
    check("a CSCF knows it", experimental(cx(302, Psi, [])) =:= 2003, cx(302, Psi, [])),
    hss("impu set user1_private@home1.net " ++ Psi ++ " inactive"),
    told_all("the operator has switched it off", As, [Says("0")]),
    told_all("the operator has switched it off", "as2.home1.net", [Says("0")]),
    hss("impu set user1_private@home1.net " ++ Psi ++ " active"),
    [told_all("and on", Who, [Says("1")]) || Who <- [As, "as2.home1.net"]],
    hss("impu set user1_private@home1.net " ++ Psi ++ " user"),
    eventually("a user is no service that one could be told of", fun nobody_is_subscribed/0),
    hss("impu set user1_private@home1.net " ++ Psi ++ " service"),
    hss("as remove as2.home1.net").

%% Dynamic Service Activation Info (TS 29.328 6.1.2.1 step 4a, 7.6.11): 0 is on, 1 off, and what is off masks its criteria.
criteria_are_masked() ->
    As = "as1.home1.net",
    Server = text(602, "sip:as.home1.net:5060"),
    Dsai = fun(L) -> [["<DSAI><DSAI-Tag>", T, "</DSAI-Tag><DSAI-Value>", V, "</DSAI-Value></DSAI>"] || {T, V} <- L] end,
    Says = fun(L) -> lists:flatten(["<Sh-IMS-Data><Extension><Extension>", Dsai(L), "</Extension></Extension></Sh-IMS-Data>"]) end,
    Switch = fun(User, L) -> ask(As, 'PUR', pur(User, [19], ims_data(["<Extension>", Dsai(L), "</Extension>"]), [])) end,
    Read = fun(User, Tags) -> read(As, User, [19], [Server | [text(711, T) || T <- Tags]]) end,
    Ifc = fun(More) -> hss("ifc set user1_private@home1.net profile=1 priority=10 server=sip:as.home1.net:5060 "
			   "\"trigger=all method:INVITE\" " ++ More) end,
    result("no such tag", Read(?A, ["vcc"]), {experimental, 5108}),
    result("none to be switched", Switch(?A, [{"vcc", "1"}]), {experimental, 5108}),
    Ifc("dsai=vcc,mmtel"),
    has("is on", Read(?A, ["vcc"]), Says([{"vcc", "0"}])),
    has("two", Read(?A, ["vcc", "mmtel", "vcc"]), Says([{"vcc", "0"}, {"mmtel", "0"}])),
    result("one of two is none", Read(?A, ["vcc", "x"]), {experimental, 5108}),
    result("of another server", read(As, ?A, [19], [text(602, "sip:other.home1.net"), text(711, "vcc")]), {experimental, 5108}),
    failed("no text", read(As, ?A, [19], [Server, text(711, "a b")]), 5004, 711),
    failed("too many", Read(?A, ["t" ++ integer_to_list(N) || N <- lists:seq(1, 17)]), 5009, 711),
    failed("no Server-Name", read(As, ?A, [19], [text(711, "vcc")]), 5005, 602),
    result("subscribed", subscribe(As, ?A, [13, 19], [Server, text(711, "vcc")]), 2001),
    result("to what is not there", subscribe(As, ?A, [19], [Server, text(711, "x")]), {experimental, 5108}),
    sar(?A, 1),
    Pushed = counted("ppr"),
    result("one of two is off", Switch(?B, [{"mmtel", "1"}]), 2001),
    has("for the alias set", Read(?A, ["mmtel"]), Says([{"mmtel", "1"}])),
    has("the other one holds the criterion", read(As, ?A, [13], [Server]), "<Priority>10</Priority>"),
    check("its profile is as it was", profile(?A, "<Priority>10</Priority>"), none),
    result("all or nothing", Switch(?A, [{"vcc", "1"}, {"x", "1"}]), {experimental, 5108}),
    result("a tag twice", Switch(?A, [{"vcc", "1"}, {"vcc", "0"}]), {experimental, 5100}),
    check("nobody was pushed anything", counted("ppr") =:= Pushed, counted("ppr")),
    result("both are off", Switch(?A, [{"vcc", "1"}]), 2001),
    told("its criteria", As, "<IFCs/>"),
    quiet("but not what it switched itself", As),
    none("masked towards application servers", read(As, ?A, [13], [Server])),
    check("and towards the S-CSCF", not profile(?A, "<Priority>10</Priority>"), none),
    check("but for who has it on", profile("sip:user1_public3@home1.net", "<Priority>10</Priority>"), none),
    eventually("which is told", fun() -> counted("ppr") =/= Pushed end),
    hss("impu set user1_private@home1.net " ?A " masked=mmtel"),
    told_all("the operator has switched it on", As, ["<DSAI-Value>0</DSAI-Value>", "<Priority>10</Priority>"]),
    check("unmasked", profile(?A, "<Priority>10</Priority>"), none),
    check("hssctl knows no such tag", string:find(os:cmd(os:getenv("HSSCTL") ++ " impu set user1_private@home1.net " ?A
	" masked=x 2>&1"), "no ifc of the profile of") =/= nomatch, none),
    result("several tags", subscribe(As, ?A, [19], [Server, text(711, "mmtel")]), 2001),
    hss("impu set user1_private@home1.net " ?A " masked="),
    told("on", As, Says([{"mmtel", "0"}])),
    says("sh subscriptions " ?A, "data=19 \"vcc\""),
    result("unsubscribed", unsubscribe(As, ?A, [13, 19], [Server, text(711, "mmtel")]), 2001),
    Ifc(""),
    eventually("who was told of a tag that has gone is told nothing more", fun nobody_is_subscribed/0),
    sar(?A, 5).

%% Update-Eff-Enhance (bit 2): several Data-References in one request, all or nothing.
all_at_once() ->
    As = "as1.home1.net",
    Psi = "sip:psi1@home1.net",
    Eff = features(false, 4),
    hss("ifc set user1_private@home1.net profile=3 priority=11 server=sip:as.home1.net:5060 dsai=k"),
    Document = fun(Service, Sequence, State, Tag, Value) ->
	["<Sh-Data><RepositoryData><ServiceIndication>", Service, "</ServiceIndication><SequenceNumber>", integer_to_list(Sequence),
	 "</SequenceNumber><ServiceData/></RepositoryData><Sh-IMS-Data><Extension><PSIActivation>", State, "</PSIActivation><Extension>"
	 "<DSAI><DSAI-Tag>", Tag, "</DSAI-Tag><DSAI-Value>", Value, "</DSAI-Value></DSAI></Extension></Extension></Sh-IMS-Data></Sh-Data>"]
    end,
    Write = fun(User, D, Avps) -> ask(As, 'PUR', pur(User, [0, 18, 19], D, Avps)) end,
    Fails = fun(What, User, D, Code, Reference) ->
	Answer = Write(User, D, [Eff]),
	result(What, Answer, {experimental, Code}),
	check(What ++ ": which", case Answer of {ok, #{'Data-Reference' := [R]}} -> R =:= Reference; _ -> false end, Answer)
    end,
    failed("not without the feature", Write(Psi, Document("all", 0, "0", "k", "1"), []), 5009, 703),
    Fails("no service", ?A, Document("all", 0, "0", "k", "1"), 5101, 18),
    Fails("no such tag", Psi, Document("all", 0, "0", "x", "1"), 5108, 19),
    Fails("out of sync", Psi, Document("all", 1, "0", "k", "1"), 5105, 0),
    has("nothing was switched", read(As, Psi, [18, 19], [text(602, "sip:as.home1.net:5060"), text(711, "k")]),
	"<PSIActivation>1</PSIActivation><Extension><DSAI><DSAI-Tag>k</DSAI-Tag><DSAI-Value>0</DSAI-Value>"),
    result("all", Write(Psi, Document("all", 0, "0", "k", "1"), [Eff]), 2001),
    has("are switched", read(As, Psi, [18, 19], [text(602, "sip:as.home1.net:5060"), text(711, "k")]),
	"<PSIActivation>0</PSIActivation><Extension><DSAI><DSAI-Tag>k</DSAI-Tag><DSAI-Value>1</DSAI-Value>"),
    has("and kept", read(As, Psi, [0], [text(704, "all")]), "<ServiceData/>"),
    result("all again", Write(Psi, Document("all", 1, "1", "k", "0"), [Eff]), 2001),
    result("removed", write(As, Psi, sh_data("all", 2, "")), 2001),
    hss("ifc remove user1_private@home1.net profile=3 priority=11").

ims_data(Inside) ->
    ["<Sh-Data><Sh-IMS-Data><Extension>", Inside, "</Extension></Sh-IMS-Data></Sh-Data>"].

%% Is the text in the profile that the S-CSCF gets of this identity? It stands in its ServiceProfile.
profile(Impu, Text) ->
    {ok, Avps} = cx(301, Impu, [raw(614, ?TGPP, true, <<0:32>>), raw(624, ?TGPP, true, <<0:32>>)]),
    [Data] = [D || #diameter_avp{code = 606, data = D} <- flat(Avps)],
    [Part] = [P || P <- binary:split(Data, <<"<ServiceProfile>">>, [global]),
		   binary:match(P, list_to_binary("<Identity>" ++ Impu ++ "<")) =/= nomatch],
    binary:match(Part, list_to_binary(Text)) =/= nomatch.

%% The Experimental-Result-Code of an answer of Cx.
experimental({ok, Avps}) ->
    case [D || #diameter_avp{code = 297, data = D} <- flat(Avps)] of
	[D] -> [Code] = [C || <<298:32, _:32, C:32>> <- [binary:part(D, byte_size(D) - 12, 12)]], Code;
	[] -> none
    end;
experimental(Other) -> Other.

who_may_change() ->
    New = sh_data("x", 0, "<ServiceData/>"),
    result("not without a grant", write("as2.home1.net", ?A, New), {experimental, 5103}),
    result("not what cannot be changed", ask("as1.home1.net", 'PUR', pur(?A, [11], New, [])), {experimental, 5103}),
    result("of nobody", write("as1.home1.net", "sip:nobody@home1.net", New), {experimental, 5001}),
    result("of another", ask("as1.home1.net", 'PUR', pur(?A, [0], New, [name("user2_private@home1.net")])),
	   {experimental, 5002}),
    failed("two Data-References", ask("as1.home1.net", 'PUR', pur(?A, [0, 19], New, [])), 5009, 703),
    failed("no User-Data", ask("as1.home1.net", 'PUR', (pur(?A, [0], New, []))#{'AVP' => []}), 5005, 702),
    [failed("without " ++ atom_to_list(K), ask("as1.home1.net", 'PUR', maps:remove(K, pur(?A, [0], New, []))), 5005, Code)
     || {K, Code} <- [{'User-Identity', 700}, {'Data-Reference', 703}, {'Auth-Session-State', 277}]],
    none("nothing was kept", read("as1.home1.net", ?A, [0], [text(704, "x")])).

sh_data(Service, Sequence, Data) ->
    ["<Sh-Data><RepositoryData><ServiceIndication>", Service, "</ServiceIndication><SequenceNumber>",
     integer_to_list(Sequence), "</SequenceNumber>", Data, "</RepositoryData></Sh-Data>"].

write(As, User, Data) ->
    ask(As, 'PUR', pur(User, [0], Data, [])).

pur(User, References, Data, Avps) ->
    udr(User, References, [raw(702, ?TGPP, true, iolist_to_binary(Data)) | Avps]).

says(Arguments, Text) ->
    Say = os:cmd(os:getenv("HSSCTL") ++ " " ++ Arguments),
    check("hssctl " ++ Arguments, string:find(Say, Text) =/= nomatch, Say).

%% ---- notifications -----------------------------------------------------------------------------------

who_may_subscribe() ->
    As = "as1.home1.net",
    result("not without a grant", subscribe("as2.home1.net", ?A, [11], []), {experimental, 5104}),
    result("not what is never notified", subscribe(As, ?A, [17], []), {experimental, 5104}),
    result("to nobody", subscribe(As, "sip:nobody@home1.net", [11], []), {experimental, 5001}),
    result("to another", subscribe(As, ?A, [11], [name("user2_private@home1.net")]), {experimental, 5002}),
    result("to data that are not there", subscribe(As, ?A, [0], [text(704, "mmtel")]), {experimental, 5106}),
    failed("to data of no service", subscribe(As, ?A, [0], []), 5005, 704),
    failed("what shall be done", ask(As, 'SNR', udr(?A, [11], [])), 5005, 705),
    failed("neither of both", ask(As, 'SNR', udr(?A, [11], [u32(705, 2)])), 5004, 705),
    failed("until yesterday", subscribe(As, ?A, [11], [time_avp(-86400)]), 5004, 709),
    result("all or nothing", subscribe(As, ?A, [11, 0], [text(704, "mmtel")]), {experimental, 5106}),
    eventually("nobody is subscribed", fun nobody_is_subscribed/0).

%% check-sh has set sh_subscriptions_of_as_max to 6.
subscriptions_have_bounds() ->
    hss("as set as2.home1.net data=10-12 allow=subscribe"),
    Sets = [u32(708, N) || N <- [0, 1, 2, 3]],
    result("six", subscribe("as1.home1.net", ?A, [10, 11, 12], Sets), 2001),
    result("one more", subscribe("as1.home1.net", ?A, [16], []), 5006),
    result("one more with what it has", subscribe("as1.home1.net", ?A, [11, 12, 16], []), 5006),
    result("of another identity of the user", subscribe("as1.home1.net", ?B, [11], []), 5006),
    result("what it has can be renewed", subscribe("as1.home1.net", ?A, [10, 11, 12], Sets), 2001),
    result("another application server has room", subscribe("as2.home1.net", ?A, [10, 11, 12], Sets), 2001),
    result("another user, too", subscribe("as1.home1.net", "sip:user2_public1@home1.net", [11], []), 2001),
    result("one less", unsubscribe("as1.home1.net", ?A, [12], []), 2001),
    result("leaves room", subscribe("as1.home1.net", ?A, [16], []), 2001),
    result("nothing any more", unsubscribe("as1.home1.net", ?A, [10, 11, 16], Sets), 2001),
    result("nothing any more", unsubscribe("as1.home1.net", "sip:user2_public1@home1.net", [11], []), 2001),
    hss("as remove as2.home1.net"),
    eventually("nobody is subscribed", fun nobody_is_subscribed/0).

state_is_told() ->
    As = "as1.home1.net",
    Until = time_avp(3600),
    Answer = subscribe(As, ?A, [11, 12], [u32(710, 1), Until]),
    has("what it is now", Answer, "<IMSUserState>0</IMSUserState>"),
    check("Expiry-Time", case Answer of {ok, #{'Expiry-Time' := [T]}} -> <<T:32>> =:= Until#diameter_avp.data; _ -> false end,
	  Answer),
    says("sh subscriptions " ?A, "as1.home1.net " ?A " data=11 expires="),
    sar(?B, 1),
    told_all("registered", As, ["<IMSUserState>1</IMSUserState>", "<SCSCFName>sip:scscf.home1.net</SCSCFName>"]),
    sar(?B, 5),
    told_all("gone", As, ["<IMSUserState>0</IMSUserState>", "<SCSCFName></SCSCFName>"]),
    result("as late as there is", subscribe(As, ?A, [11, 12], [raw(709, ?TGPP, false, <<16#ffffffff:32>>)]), 2001),
    result("not any more", unsubscribe(As, ?A, [11, 12], []), 2001),
    result("nor once more", unsubscribe(As, ?A, [11, 12], []), 2001),
    eventually("nobody is subscribed", fun nobody_is_subscribed/0),
    result("once", subscribe(As, ?A, [11], [u32(712, 0)]), 2001),
    sar(?A, 1),
    told("once", As, "<IMSUserState>1</IMSUserState>"),
    eventually("once is over", fun nobody_is_subscribed/0),
    sar(?A, 5).

%% With Notif-Eff one request tells of all that changes for a user (6.1.4.1).
several_are_told_at_once() ->
    As = "as1.home1.net",
    Eff = features(false, 1),
    Both = fun(Name, State) -> "<Sh-Data><Sh-IMS-Data><SCSCFName>" ++ Name ++ "</SCSCFName><IMSUserState>" ++ State ++
				   "</IMSUserState></Sh-IMS-Data></Sh-Data>" end,
    result("subscribed", subscribe(As, ?A, [11, 12], [Eff]), 2001),
    sar(?B, 1),
    told("registered", As, Both("sip:scscf.home1.net", "1")),
    quiet("once", As),
    %% which of them it does not know any more it says when each comes by itself
    answer_with({experimental, 5107}),
    sar(?B, 5),
    told("gone", As, Both("", "0")),
    told_all("each by itself", As, ["<Sh-Data><Sh-IMS-Data><IMSUserState>0</IMSUserState></Sh-IMS-Data></Sh-Data>",
				    "<Sh-Data><Sh-IMS-Data><SCSCFName></SCSCFName></Sh-IMS-Data></Sh-Data>"]),
    eventually("both have ended", fun nobody_is_subscribed/0),
    answer_with(2001),
    %% another user of the same subscription has a request of his own, and so has who does not name the feature
    result("subscribed", subscribe(As, ?A, [11, 12], [Eff]), 2001),
    result("subscribed", subscribe(As, ?B, [11], [Eff]), 2001),
    sar(?B, 1),
    told_all("each user", As, [Both("sip:scscf.home1.net", "1"),
			       "<Sh-Data><Sh-IMS-Data><IMSUserState>1</IMSUserState></Sh-IMS-Data></Sh-Data>"]),
    result("not any more", unsubscribe(As, ?B, [11], [Eff]), 2001),
    result("without it", subscribe(As, ?A, [11, 12], []), 2001),
    sar(?B, 5),
    told_all("alone", As, ["<Sh-Data><Sh-IMS-Data><IMSUserState>0</IMSUserState></Sh-IMS-Data></Sh-Data>",
			   "<Sh-Data><Sh-IMS-Data><SCSCFName></SCSCFName></Sh-IMS-Data></Sh-Data>"]),
    result("not any more", unsubscribe(As, ?A, [11, 12], []), 2001),
    eventually("nobody is subscribed", fun nobody_is_subscribed/0).

provisioning_is_told() ->
    As = "as1.home1.net",
    result("identities", subscribe(As, ?A, [10], [u32(708, 2)]), 2001),
    result("filter criteria", subscribe(As, ?A, [13], [text(602, "sip:as.home1.net:5060")]), 2001),
    hss("impu bar user1_private@home1.net " ?B),
    told("barred", As, "<PublicIdentifiers><IMSPublicIdentity>" ?A "</IMSPublicIdentity></PublicIdentifiers>"),
    hss("ifc set user1_private@home1.net profile=1 priority=10 server=sip:as.home1.net:5060 service-info=new"),
    told("criteria", As, "<ServiceInfo>new</ServiceInfo>"),
    hss("charging user1_private@home1.net ccf=aaa://other.home1.net"),
    quiet("nobody asked for that", As),
    result("charging", unsubscribe(As, ?A, [10, 13], [u32(708, 2), text(602, "sip:as.home1.net:5060")]), 2001),
    hss("impu unbar user1_private@home1.net " ?B),
    result("one that goes", subscribe(As, "sip:user1_public4@home1.net", [11], []), 2001),
    hss("impu remove user1_private@home1.net sip:user1_public4@home1.net"),
    told("gone", As, "<DeletedIdentities><IMSPublicIdentity>sip:user1_public4@home1.net</IMSPublicIdentity>"),
    eventually("its subscription is over", fun nobody_is_subscribed/0).

%% One message to an application server has no more than 64,000 octets of data, which check-sh has left as it is.
messages_have_bounds() ->
    As = "as1.home1.net",
    B = "sip:user2_public1@home1.net",
    Names = ["s" ++ integer_to_list(N) || N <- lists:seq(1, 5)],
    Services = [text(704, N) || N <- Names],
    [result("13 kB", write(As, B, sh_data(N, 0, ["<ServiceData>", lists:duplicate(13000, $x), "</ServiceData>"])), 2001)
     || N <- Names],
    result("four at once", read(As, B, [0], tl(Services)), 2001),
    result("five are too many", read(As, B, [0], Services), {experimental, 5008}),
    result("also to begin with", subscribe(As, B, [0], [u32(710, 1) | Services]), {experimental, 5008}),
    eventually("nothing has begun", fun nobody_is_subscribed/0),
    result("subscribed to without the data", subscribe(As, B, [0], Services), 2001),
    result("not any more", unsubscribe(As, B, [0], Services), 2001),
    [result("removed", write(As, B, sh_data(N, 1, "")), 2001) || N <- Names],
    %% filter criteria grow beyond it
    Long = lists:join(",", lists:duplicate(3, "uri:" ++ lists:duplicate(220, $x))),
    Criteria = fun(Ns) -> [hss("ifc set user2_private@home1.net priority=" ++ integer_to_list(N) ++
				   " server=sip:big.home1.net \"trigger=all " ++ lists:append(Long) ++ "\"") || N <- Ns]
	       end,
    Criteria(lists:seq(1, 40)),
    result("subscribed", subscribe(As, B, [13], [text(602, "sip:big.home1.net"), u32(710, 1)]), 2001),
    Failed = counted("pnr_failed"),
    Criteria(lists:seq(41, 64)),
    eventually("there are too many to be told", fun() -> counted("pnr_failed") =/= Failed end),
    flush(),
    result("nor can they be read", read(As, B, [13], [text(602, "sip:big.home1.net")]), {experimental, 5008}),
    [hss("ifc remove user2_private@home1.net priority=" ++ integer_to_list(N)) || N <- lists:seq(64, 2, -1)],
    told_in_the_end("that there are fewer", As, "<IFCs><InitialFilterCriteria><Priority>1</Priority>",
		    "<Priority>2</Priority>"),
    hss("ifc remove user2_private@home1.net priority=1"),
    told("none", As, "<IFCs/>"),
    result("not any more", unsubscribe(As, B, [13], [text(602, "sip:big.home1.net")]), 2001),
    eventually("nobody is subscribed", fun nobody_is_subscribed/0).

flush() ->
    receive {notified, _, _} -> flush() after 0 -> ok end.

%% Of several that come as the changes are seen, one has the text and not the other.
told_in_the_end(What, As, Text, Without) ->
    receive
	{notified, As, #{'User-Data' := D}} ->
	    Data = iolist_to_binary(D),
	    case {binary:match(Data, list_to_binary(Text)), binary:match(Data, list_to_binary(Without))} of
		{{_, _}, nomatch} -> check(What, true, none);
		_ -> told_in_the_end(What, As, Text, Without)
	    end
    after 20000 -> check(What, false, nothing)
    end.

others_changes_are_told() ->
    hss("as set as2.home1.net data=0 allow=pull,update,subscribe"),
    result("new", write("as1.home1.net", ?A, sh_data("vcc", 0, "<ServiceData>a</ServiceData>")), 2001),
    [result("subscribed", subscribe(As, ?A, [0], [text(704, "vcc"), u32(710, 1)]), 2001)
     || As <- ["as1.home1.net", "as2.home1.net"]],
    result("one changes them", write("as1.home1.net", ?B, sh_data("vcc", 1, "<ServiceData>b</ServiceData>")), 2001),
    told("the other is told", "as2.home1.net", "<SequenceNumber>1</SequenceNumber><ServiceData>b</ServiceData>"),
    quiet("who did it is not", "as1.home1.net"),
    result("the other one", write("as2.home1.net", ?A, sh_data("vcc", 2, "")), 2001),
    told("removed", "as1.home1.net", "<ServiceIndication>vcc</ServiceIndication><SequenceNumber>0</SequenceNumber>"
	 "</RepositoryData>"),
    eventually("with what they were for", fun nobody_is_subscribed/0).

%% An application server that does not know the user, and a grant that is taken away, end them (6.1.4.1, 6.2).
subscriptions_end() ->
    As = "as1.home1.net",
    result("state", subscribe(As, ?A, [11, 12], []), 2001),
    answer_with({experimental, 5001}),
    sar(?A, 1),
    told_all("told", As, ["<IMSUserState>1</IMSUserState>", "<SCSCFName>"]),
    eventually("unknown there", fun nobody_is_subscribed/0),
    answer_with(2001),
    result("state", subscribe(As, ?A, [11], []), 2001),
    hss("as set as1.home1.net data=11 allow=pull"),
    eventually("nobody is subscribed", fun nobody_is_subscribed/0),
    hss("as set as1.home1.net data=11 allow=pull,subscribe"),
    sar(?A, 5).

%% What is for an application server that is away is for none of those that are there. (A relay could carry it.)
nobody_else_is_told(Mod) ->
    As = "as1.home1.net",
    result("state", subscribe(As, ?A, [11], []), 2001),
    [diameter:stop_service(S) || S <- [As, "relay.home1.net"]],
    eventually("it has gone", fun() -> counted("peer as1.home1.net OPEN") =:= none end),
    Failed = counted("pnr_failed"),
    sar(?A, 1),
    eventually("it cannot be told", fun() -> counted("pnr_failed") =/= Failed end),
    receive {notified, Other, Values} -> check("nobody else is told", false, {Other, Values})
    after 0 -> check("nobody else is told", true, none)
    end,
    start(As, {10, 9, 9, 2}, Mod),
    told("it is told when it is back", As, "<IMSUserState>1</IMSUserState>"),
    result("not any more", unsubscribe(As, ?A, [11], []), 2001),
    sar(?A, 5).

%% What follows a name in hssctl status.
counted(Name) ->
    case re:run(os:cmd(os:getenv("HSSCTL") ++ " status"), "^" ++ Name ++ "(.*)$", [multiline, {capture, all_but_first, list}]) of
	{match, [Value]} -> Value;
	nomatch -> none
    end.

subscribe(As, User, References, Avps) ->
    ask(As, 'SNR', udr(User, References, [u32(705, 0) | Avps])).
unsubscribe(As, User, References, Avps) ->
    ask(As, 'SNR', udr(User, References, [u32(705, 1) | Avps])).

time_avp(In) -> raw(709, ?TGPP, false, <<(erlang:system_time(second) + 2208988800 + In):32>>).

nobody_is_subscribed() ->
    Say = os:cmd(os:getenv("HSSCTL") ++ " sh subscriptions"),
    Say =:= "" orelse Say.

%% Wait for the effect, with a limit.
eventually(What, Fun) -> eventually(What, Fun, 50).
eventually(What, Fun, 0) -> check(What, Fun() =:= true, Fun());
eventually(What, Fun, N) ->
    case Fun() of
	true -> check(What, true, none);
	_ -> timer:sleep(100), eventually(What, Fun, N - 1)
    end.

told(What, As, Text) -> told_all(What, As, [Text]).

%% One notification for each text, in any order.
told_all(_, _, []) -> ok;
told_all(What, As, Texts) ->
    receive
	{notified, As, Values} ->
	    Data = case Values of #{'User-Data' := D} when is_binary(D) -> D; #{'User-Data' := [D]} -> D end,
	    Found = [T || T <- Texts, binary:match(Data, list_to_binary(T)) =/= nomatch],
	    check(What, length(Found) =:= 1, {Data, wanted, Texts}),
	    told_all(What, As, case Found of [] -> []; _ -> Texts -- Found end)
    after 20000 ->
	check(What, false, {nothing, wanted, Texts})
    end.

%% Nothing came, although something that was sent later has been answered.
quiet(What, As) ->
    result(What, read("as1.home1.net", ?A, [16]), 2001),
    receive {notified, As, Values} -> check(What, false, Values)
    after 1500 -> check(What, true, none)
    end.

answer_with(Result) -> persistent_term:put(pna, Result).

%% What CSCFs send, Cx written AVP by AVP.
sar(Impu, Type) ->
    cx(301, Impu, [raw(614, ?TGPP, true, <<Type:32>>), raw(624, ?TGPP, true, <<0:32>>)]).

cx(Command, Impu, More) ->
    Cx = 16777216,
    Host = "cscf.home1.net",
    Header = #diameter_header{version = 1, cmd_code = Command, application_id = Cx, is_request = true, is_proxiable = true,
			      is_error = false, is_retransmitted = false},
    Application = iolist_to_binary([<<266:32, 64, 12:24, ?TGPP:32>>, <<258:32, 64, 12:24, Cx:32>>]),
    Avps = [raw(263, undefined, true, iolist_to_binary(diameter:session_id(Host))), raw(260, undefined, true, Application),
	    raw(277, undefined, true, <<1:32>>), raw(264, undefined, true, list_to_binary(Host)),
	    raw(296, undefined, true, <<"home1.net">>), raw(283, undefined, true, <<"home1.net">>), text(601, Impu)]
	++ [name("user1_private@home1.net") || Command =:= 301] ++ [text(602, "sip:scscf.home1.net") || Command =:= 301] ++ More,
    diameter:call(Host, sh, [Header | Avps], [{extra, [undefined]}, {timeout, 3000}]).

%% ---- requests ----------------------------------------------------------------------------------------

read(As, User, References) ->
    read(As, User, References, []).

read(As, User, References, Avps) ->
    ask(As, 'UDR', udr(User, References, Avps)).

udr(User, References, Avps) ->
    #{'Session-Id' => [diameter:session_id("as1.home1.net")],
      'Vendor-Specific-Application-Id' => [#{'Vendor-Id' => ?TGPP, 'Auth-Application-Id' => [?SH]}],
      'Auth-Session-State' => [1],
      'Destination-Realm' => ["home1.net"],
      'User-Identity' => [#{'Public-Identity' => [User]}],
      'Data-Reference' => References,
      'AVP' => Avps}.

by_msisdn(Tbcd, References) ->
    (udr("", References, []))#{'User-Identity' => [#{'MSISDN' => [Tbcd]}]}.

%% Written AVP by AVP: no dictionary has it.
unknown_command(As) ->
    Header = #diameter_header{version = 1, cmd_code = 320, application_id = ?SH, is_request = true, is_proxiable = true,
			      is_error = false, is_retransmitted = false},
    Application = iolist_to_binary([<<266:32, 64, 12:24, ?TGPP:32>>, <<258:32, 64, 12:24, ?SH:32>>]),
    Avps = [raw(263, undefined, true, iolist_to_binary(diameter:session_id(As))), raw(260, undefined, true, Application),
	    raw(277, undefined, true, <<1:32>>), raw(264, undefined, true, list_to_binary(As)),
	    raw(296, undefined, true, <<"home1.net">>), raw(283, undefined, true, <<"home1.net">>)],
    diameter:call(As, sh, [Header | Avps], [{extra, [undefined]}, {timeout, 3000}]).

raw(Code, Vendor, M, Data) ->
    #diameter_avp{code = Code, vendor_id = Vendor, is_mandatory = M, data = Data}.
u32(Code, N) -> raw(Code, ?TGPP, Code < 708, <<N:32>>).
text(Code, Text) -> raw(Code, ?TGPP, true, list_to_binary(Text)).
name(Impi) -> raw(1, undefined, true, list_to_binary(Impi)).

features(M, Bits) ->
    Inner = [avp(266, false, <<?TGPP:32>>), avp(629, true, <<1:32>>), avp(630, true, <<Bits:32>>)],
    raw(628, ?TGPP, M, iolist_to_binary(Inner)).
avp(Code, false, D) -> [<<Code:32, 64, (8 + byte_size(D)):24>>, D];
avp(Code, true, D) -> [<<Code:32, 128, (12 + byte_size(D)):24, ?TGPP:32>>, D].

ask(As, Name, Values) ->
    With = maps:merge(#{'Origin-Host' => [As], 'Origin-Realm' => ["home1.net"]}, Values),
    diameter:call(As, sh, [Name | With], [{extra, [get(header)]}, {timeout, 3000}]).

%% ---- what comes back ---------------------------------------------------------------------------------

result({ok, #{'Result-Code' := [R]}}) -> R;
result({ok, #{'Result-Code' := R}}) -> R;
result({ok, #{'Experimental-Result' := [#{'Vendor-Id' := ?TGPP, 'Experimental-Result-Code' := R}]}}) -> {experimental, R};
result(Other) -> Other.

data({ok, #{'User-Data' := [D]}}) -> D;
data(_) -> none.

result(What, Answer, Want) ->
    check(What, result(Answer) =:= Want, {result(Answer), wanted, Want}).

has(What, Answer, Text) ->
    result(What, Answer, 2001),
    D = data(Answer),
    check(What, is_binary(D) andalso binary:match(D, list_to_binary(Text)) =/= nomatch, D).

none(What, Answer) ->
    result(What, Answer, 2001),
    check(What, data(Answer) =:= none, data(Answer)).

%% Failed-AVP quotes an AVP of that code.
failed(What, Answer, Want, Code) ->
    result(What, Answer, Want),
    Quoted = case Answer of
		 {ok, #{'Failed-AVP' := [#{'AVP' := Avps}]}} -> [C || #diameter_avp{code = C} <- flat(Avps)];
		 {ok, #{'Failed-AVP' := [F]}} -> maps:keys(F);
		 _ -> []
	     end,
    check(What ++ ": Failed-AVP", lists:member(Code, Quoted) orelse lists:member(key(Code), Quoted), {Quoted, Answer}).

flat(L) -> lists:flatten([L]).

key(263) -> 'Session-Id';
key(260) -> 'Vendor-Specific-Application-Id';
key(277) -> 'Auth-Session-State';
key(_) -> none.

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
	{'Product-Name', "as"}, {'Supported-Vendor-Id', [?TGPP]},
	{'Vendor-Specific-Application-Id', [#'diameter_base_Vendor-Specific-Application-Id'{
	    'Vendor-Id' = ?TGPP, 'Auth-Application-Id' = [?SH]}]},
	{decode_format, map}, {string_decode, false},
	{application, [{alias, sh}, {dictionary, Dictionary}, {module, ?MODULE}, {answer_errors, callback}]}]),
    true = diameter:subscribe(Host),
    {ok, _} = diameter:add_transport(Host, {connect, [
	{transport_module, diameter_tcp}, {connect_timer, 1000},
	{transport_config, [{raddr, {10, 9, 9, 1}}, {rport, 3868}, {ip, Address}]}]}),
    receive {diameter_event, Host, Up} when element(1, Up) =:= up -> ok
    after 20000 -> io:format("FAILED ~s does not connect~n", [Host]), halt(1)
    end.

peer_up(_, _, State) -> State.
peer_down(_, _, State) -> State.
pick_peer([Peer | _], _, _, _, _) -> {ok, Peer};
pick_peer([], _, _, _, _) -> false.

prepare_request(#diameter_packet{header = H} = Packet, _, _, Change) when is_function(Change) ->
    {send, Packet#diameter_packet{header = Change(H)}};
prepare_request(Packet, _, _, _) -> {send, Packet}.

prepare_retransmit(Packet, _, _, _) -> {send, Packet}.

%% A protocol error, which may have AVPs that its short grammar does not name.
handle_answer(#diameter_packet{msg = ['answer-message' | Values]}, _, _, _, _) -> {ok, Values};
handle_answer(#diameter_packet{msg = [_ | Values], errors = []}, _, _, _, _) -> {ok, Values};
%% Of Cx, which the dictionary has not got: its AVPs.
handle_answer(#diameter_packet{header = #diameter_header{application_id = 16777216}, avps = Avps}, _, _, _, _) -> {ok, Avps};
handle_answer(#diameter_packet{errors = Errors}, _, _, _, _) -> {errors, Errors}.

handle_error(Reason, _, _, _, _) -> {error, Reason}.

handle_request(#diameter_packet{msg = ['PNR' | Values], errors = []}, Service, _) ->
    persistent_term:get(tester) ! {notified, Service, Values},
    #{'Session-Id' := Session} = Values,
    Result = case persistent_term:get(pna) of
		 {experimental, Code} ->
		     #{'Experimental-Result' => [#{'Vendor-Id' => ?TGPP, 'Experimental-Result-Code' => Code}]};
		 Code -> #{'Result-Code' => [Code]}
	     end,
    {reply, ['PNA' | Result#{'Session-Id' => Session, 'Origin-Host' => Service, 'Origin-Realm' => "home1.net",
			     'Auth-Session-State' => 1,
			     'Vendor-Specific-Application-Id' => #{'Vendor-Id' => ?TGPP, 'Auth-Application-Id' => [?SH]}}]};
handle_request(#diameter_packet{errors = Errors}, Service, _) ->
    persistent_term:get(tester) ! {notified, Service, #{'User-Data' => iolist_to_binary(io_lib:format("~p", [Errors]))}},
    discard.
